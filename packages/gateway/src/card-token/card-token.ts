import { randomBytes } from 'node:crypto'
import type { Sql } from '../database/pool.ts'
import { Secret } from '../secret.ts'
import type { Seal, Vault } from '../vault/vault.ts'
import {
  type CardTokenRow,
  findByAccount,
  findLiveToken,
  findToken,
  insertToken,
  isLeaving,
  lockToken,
  shredToken,
  updateNetworkToken,
  updateState,
} from './store.ts'

export type CardTokenState = 'active' | 'unbinding' | 'inactive'

/** A kept card as it stands in its row: nothing of it can be read without the vault. */
export type CardToken = CardTokenRow

/** What a card is kept with. */
export interface CardToKeep {
  readonly partnerId: string
  /** The channel's canonical name. */
  readonly channel: string
  /** The card's number, or the account's. */
  readonly cardNumber: Secret
  /** How it is told from others and shown, where that does not follow from a card's whole number. */
  readonly identity?: Identity
  readonly networkToken: Secret
  /** Epoch milliseconds. */
  readonly at: number
}

export interface Identity {
  readonly lookup: Buffer
  /** Empty where the number says nothing of who issued it. */
  readonly issuerNumber: string
  readonly lastFour: string
}

/** What follows from the whole number of a card. */
export function cardIdentity(vault: Vault, partnerId: string, cardNumber: string): Identity {
  return {
    lookup: cardLookup(vault, partnerId, cardNumber),
    issuerNumber: cardNumber.slice(0, 8),
    lastFour: cardNumber.slice(-4),
  }
}

/** The look-up of a card is the partner's own: two partners cannot find out that they share a customer. */
export function cardLookup(vault: Vault, partnerId: string, cardNumber: string): Buffer {
  return vault.digest('card', `${partnerId}|${cardNumber}`)
}

/**
 * Keeps a card within the transaction of `sql` and returns its bankCardToken. A card that the partner keeps already, for
 * whichever customer, has its token and keeps it; the network's newest token takes the place of the one before. Throws CardTokenGone
 * or CardUnreadable when that cannot be, and nothing has been written then.
 */
export async function keepCard(sql: Sql, vault: Vault, card: CardToKeep): Promise<string> {
  const entry = await enter(sql, vault, card)
  if (entry.isNew) return entry.bankCardToken
  const { kept, dataKeySealed } = await findKept(sql, card.partnerId, entry)
  const own = openOwnKey(vault, kept, dataKeySealed)
  const context = networkContext(card.partnerId, kept.bank_card_token)
  await updateNetworkToken(sql, kept, own.seal(card.networkToken.reveal(), context))
  return kept.bank_card_token
}

/**
 * The same for what has one owner: undefined, and nothing is changed, when the partner keeps it already. Of two transactions that
 * would keep it the second waits for the end of the first. Throws CardTokenGone.
 */
export async function keepOwned(sql: Sql, vault: Vault, card: CardToKeep): Promise<string | undefined> {
  const entry = await enter(sql, vault, card)
  if (entry.isNew) return entry.bankCardToken
  await findKept(sql, card.partnerId, entry)
  return undefined
}

interface Entry {
  readonly bankCardToken: string
  readonly channel: string
  readonly lookup: Buffer
  /** Nothing was written when the partner keeps it already. */
  readonly isNew: boolean
}

async function enter(sql: Sql, vault: Vault, card: CardToKeep): Promise<Entry> {
  const { partnerId, channel } = card
  const number = card.cardNumber.reveal()
  const { lookup, issuerNumber, lastFour } = card.identity ?? cardIdentity(vault, partnerId, number)
  const bankCardToken = randomBytes(16).toString('hex')
  const { sealed, seal } = vault.newDataKey(dataKeyContext(partnerId, bankCardToken))
  const isNew = await insertToken(sql, {
    partner_id: partnerId,
    bank_card_token: bankCardToken,
    account_id: accountIdOf(vault, partnerId, bankCardToken),
    channel,
    card_lookup: lookup,
    issuer_number: issuerNumber,
    last_four: lastFour,
    data_key_sealed: sealed,
    card_sealed: seal.seal(number, cardContext(partnerId, bankCardToken)),
    network_token_sealed: seal.seal(card.networkToken.reveal(), networkContext(partnerId, bankCardToken)),
    created_at: new Date(card.at),
  })
  return { bankCardToken, channel, lookup, isNew }
}

/** Locked by the reading: from here on nobody begins to unbind it before this transaction ends. */
async function findKept(sql: Sql, partnerId: string, { channel, lookup }: Entry) {
  const kept = await findLiveToken(sql, { partnerId, channel, lookup })
  if (kept === undefined || kept.state !== 'active' || kept.data_key_sealed === null)
    throw new CardTokenGone()
  return { kept, dataKeySealed: kept.data_key_sealed }
}

function openOwnKey(vault: Vault, kept: CardToken, sealed: string): Seal {
  try {
    return vault.openDataKey(sealed, dataKeyContext(kept.partner_id, kept.bank_card_token))
  } catch (cause) {
    throw new CardUnreadable('a kept card', { cause })
  }
}

/** The card is being unbound at this very moment. */
export class CardTokenGone extends Error {
  override readonly name = 'CardTokenGone'
}

/** The vault has not the key that the card is sealed under. */
export class CardUnreadable extends Error {
  override readonly name = 'CardUnreadable'
}

/** The kept card of that token, or undefined when the partner has none; whatever its state. */
export function findCardToken(
  sql: Sql,
  partnerId: string,
  bankCardToken: string,
): Promise<CardToken | undefined> {
  return findToken(sql, partnerId, bankCardToken)
}

/** The same, locked until the transaction of `sql` ends: nobody else begins or ends its unbinding meanwhile. */
export function lockCardToken(
  sql: Sql,
  partnerId: string,
  bankCardToken: string,
): Promise<CardToken | undefined> {
  return lockToken(sql, partnerId, bankCardToken)
}

/** The card is on its way out: from this commit on nobody pays with it and its customers' tokens are worth nothing. */
export function beginUnbinding(sql: Sql, token: CardToken): Promise<void> {
  return updateState(sql, token, { from: 'active', to: 'unbinding' })
}

/** The network keeps the card: it is as before. */
export function endUnbinding(sql: Sql, token: CardToken): Promise<void> {
  return updateState(sql, token, { from: 'unbinding', to: 'active' })
}

/**
 * Forgets a card that is being unbound. Its data key goes, so that neither the row nor an older copy of it can be opened any more,
 * whoever has the keys of the vault. `at` in epoch milliseconds.
 */
export function forgetCard(sql: Sql, token: CardToken, at: number): Promise<void> {
  return shredToken(sql, token, new Date(at))
}

/** The kept card that a customer's token names, or undefined when the partner has none; whatever its state. */
export function findAccount(sql: Sql, partnerId: string, accountId: string): Promise<CardToken | undefined> {
  return findByAccount(sql, partnerId, accountId)
}

/** Whether the partner is having this card forgotten, for whichever of its customers. */
export function isCardLeaving(
  sql: Sql,
  card: { readonly partnerId: string; readonly channel: string; readonly cardLookup: Buffer },
): Promise<boolean> {
  return isLeaving(sql, card)
}

/** What the network is told of a kept card. Throws when it has been forgotten. */
export function openCardToken(
  vault: Vault,
  token: CardToken,
): { readonly cardNumber: Secret; readonly networkToken: Secret } {
  const { partner_id: partnerId, bank_card_token: bankCardToken } = token
  if (token.data_key_sealed === null || token.card_sealed === null || token.network_token_sealed === null) {
    throw new CardTokenGone()
  }
  const seal = vault.openDataKey(token.data_key_sealed, dataKeyContext(partnerId, bankCardToken))
  return {
    cardNumber: new Secret(seal.open(token.card_sealed, cardContext(partnerId, bankCardToken))),
    networkToken: new Secret(seal.open(token.network_token_sealed, networkContext(partnerId, bankCardToken))),
  }
}

/** The network's token of a card whose row the caller holds in parts. Throws when key or context are not the right ones. */
export function openNetworkToken(
  vault: Vault,
  card: {
    readonly partnerId: string
    readonly bankCardToken: string
    readonly dataKeySealed: string
    readonly networkTokenSealed: string
  },
): Secret {
  const { partnerId, bankCardToken } = card
  const seal = vault.openDataKey(card.dataKeySealed, dataKeyContext(partnerId, bankCardToken))
  return new Secret(seal.open(card.networkTokenSealed, networkContext(partnerId, bankCardToken)))
}

/** 32 hex digits that stand for a kept card in a customer's token, which anybody can read, and lead nowhere without the key. */
function accountIdOf(vault: Vault, partnerId: string, bankCardToken: string): string {
  return vault.digest('account', `${partnerId}|${bankCardToken}`).toString('hex').slice(0, 32)
}

export function dataKeyContext(partnerId: string, bankCardToken: string): string {
  return `${partnerId}|${bankCardToken}|data-key`
}

function cardContext(partnerId: string, bankCardToken: string): string {
  return `${partnerId}|${bankCardToken}|card`
}

function networkContext(partnerId: string, bankCardToken: string): string {
  return `${partnerId}|${bankCardToken}|network-token`
}
