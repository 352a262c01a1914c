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
  lockIdentity,
  lockToken,
  shredToken,
  updateNetworkToken,
  updateState,
} from './store.ts'
import { addSurplus, reopenRefused, withdraw } from './surplus/surplus-token.ts'

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

/** Longer than a claim takes: by then a payment that was claimed with the token before is in the books. */
const CLAIM_MS = 5_000

/**
 * Keeps a card within the transaction of `sql` and returns its bankCardToken. A card that the partner keeps already, for
 * whichever customer, has its token and keeps it; the network's newest token takes the place of the one before, which the network is
 * then told to forget. Throws CardTokenGone or CardUnreadable when that cannot be, and nothing has been written then.
 */
export async function keepCard(sql: Sql, vault: Vault, card: CardToKeep): Promise<string> {
  const entry = await enter(sql, vault, card)
  if (entry.isNew) return entry.bankCardToken
  const kept = await findKept(sql, card.partnerId, entry)
  await replaceNetworkToken(sql, vault, { kept, card })
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
  await lockIdentity(sql, { partnerId, channel, lookup })
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
  if (isNew) await withdraw(sql, vault, card)
  return { bankCardToken, channel, lookup, isNew }
}

/** Locked by the reading: from here on nobody begins to unbind it before this transaction ends. */
async function findKept(sql: Sql, partnerId: string, { channel, lookup }: Entry): Promise<CardToken> {
  const kept = await findLiveToken(sql, { partnerId, channel, lookup })
  if (kept === undefined || kept.state !== 'active') throw new CardTokenGone()
  return kept
}

async function replaceNetworkToken(
  sql: Sql,
  vault: Vault,
  { kept, card }: { readonly kept: CardToken; readonly card: CardToKeep },
): Promise<void> {
  const { bank_card_token: bankCardToken } = kept
  const { networkToken, at } = card
  const { own, current } = openOwn(vault, kept)
  if (current.reveal() === networkToken.reveal()) return
  const context = networkContext(card.partnerId, bankCardToken)
  await updateNetworkToken(sql, kept, own.seal(networkToken.reveal(), context))
  await withdraw(sql, vault, card)
  await addSurplus(sql, vault, { ...card, bankCardToken, networkToken: current, dueAt: at + CLAIM_MS })
}

/** The key of a kept card and the network's token that it is paid with. Throws CardUnreadable. */
function openOwn(
  vault: Vault,
  { partner_id: partnerId, bank_card_token: bankCardToken, ...kept }: CardToken,
): { readonly own: Seal; readonly current: Secret } {
  try {
    const own = vault.openDataKey(kept.data_key_sealed ?? '', dataKeyContext(partnerId, bankCardToken))
    const current = own.open(kept.network_token_sealed ?? '', networkContext(partnerId, bankCardToken))
    return { own, current: new Secret(current) }
  } catch (cause) {
    throw new CardUnreadable('a kept card', { cause })
  }
}

/** A token that the network gave for a card which is not kept with it. */
export interface TokenToDrop extends Pick<CardToKeep, 'partnerId' | 'channel' | 'networkToken' | 'at'> {
  readonly cardLookup: Buffer
}

/**
 * Has the network told, from the commit of `sql` on, to forget a token that no card is kept with: nobody else knows of it. The one that
 * the card is paid with all the same, or is being unbound with, is left alone.
 */
export async function dropNetworkToken(sql: Sql, vault: Vault, token: TokenToDrop): Promise<void> {
  const { partnerId, channel, cardLookup: lookup, networkToken, at } = token
  // Whoever is just keeping the card may be keeping it with this very token.
  await lockIdentity(sql, { partnerId, channel, lookup })
  const kept = await findLiveToken(sql, { partnerId, channel, lookup })
  if (kept !== undefined && isOwnToken(vault, kept, networkToken)) return
  await addSurplus(sql, vault, { ...token, bankCardToken: kept?.bank_card_token, dueAt: at })
}

/** With a card that cannot be opened nobody pays: whatever its token is, it is of no use here. */
function isOwnToken(vault: Vault, kept: CardToken, networkToken: Secret): boolean {
  try {
    return openOwn(vault, kept).current.reveal() === networkToken.reveal()
  } catch {
    return false
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
 * whoever has the keys of the vault. Of the network's tokens beside its own, those that it refused to forget are told of again. `at` in
 * epoch milliseconds.
 */
export async function forgetCard(sql: Sql, token: CardToken, at: number): Promise<void> {
  await shredToken(sql, token, new Date(at))
  await reopenRefused(sql, { partnerId: token.partner_id, bankCardToken: token.bank_card_token }, at)
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
