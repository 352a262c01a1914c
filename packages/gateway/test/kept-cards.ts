import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { authCodeLookup, authCodeOf } from '../src/binding/auth-code.ts'
import { cardContext } from '../src/binding/settle.ts'
import { keepCard } from '../src/card-token/card-token.ts'
import { openConfiguredVault } from '../src/config.ts'
import { openDatabase } from '../src/database/pool.ts'
import { Secret } from '../src/secret.ts'
import type { Vault } from '../src/vault/vault.ts'
import { type Answer, CARD, type CallChanges, type Merchant, newId } from './merchant.ts'
import type { Stage } from './stage.ts'

/** A card that a customer of the merchant has bound, as it stands after the one-time password. */
export interface KeptCard {
  readonly bankCardToken: string
  readonly authCode: string
  /** The binding's number. */
  readonly referenceNo: string
}

export interface CardOfCustomer {
  readonly merchant?: Merchant
  readonly customer?: string
  readonly cardNumber?: string
  readonly networkToken?: string
  /** A binding that never became active has no card. */
  readonly state?: 'active' | 'otp_sent'
}

export const NETWORK_TOKEN = 'NT-0123456789abcdef'
const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'

/** 19 digits that no other test has. */
export function anotherCard(): string {
  return `93600002${String(randomInt(1e11)).padStart(11, '0')}`
}

/** Writes what a finished binding leaves in the database. */
export async function keepCardOf(stage: Stage, asked: CardOfCustomer = {}): Promise<KeptCard> {
  const { merchant = stage.merchant, customer = 'CUST001', cardNumber = CARD, state = 'active' } = asked
  const { networkToken = NETWORK_TOKEN } = asked
  const database = openDatabase({ url: stage.databaseUrl, connections: 1, timeoutMs: 10_000 })
  const vault = openConfiguredVault(stage.config)
  const { partnerId } = merchant.keys
  const at = Date.now()
  const referenceNo = `BIND${newId()}`
  const authCode = authCodeOf(vault, { partnerId, referenceNo, createdAt: at })
  const card = { partnerId, channel: CHANNEL, cardNumber: new Secret(cardNumber), at }
  try {
    return await database.transaction(async (sql) => {
      const bankCardToken =
        state === 'active'
          ? await keepCard(sql, vault, { ...card, networkToken: new Secret(networkToken) })
          : null
      const isOpen = bankCardToken === null
      await sql`
        insert into bindings (partner_id, reference_no, external_id, request_date, channel, flow, cust_id_merchant, card_lookup,
          card_sealed, issuer_number, last_four, auth_code_lookup, state, bank_card_token, created_at, expires_at, due_at, settled_at)
        values (${partnerId}, ${referenceNo}, ${newId()}, current_date, ${CHANNEL}, 'H2H', ${customer},
          ${vault.digest('card', `${partnerId}|${cardNumber}`)}, ${isOpen ? sealed(vault, { partnerId, referenceNo, cardNumber }) : null},
          ${cardNumber.slice(0, 8)}, ${cardNumber.slice(-4)}, ${authCodeLookup(vault, partnerId, authCode)}, ${state},
          ${bankCardToken}, ${new Date(at)}, ${new Date(at + 300_000)}, ${isOpen ? new Date(at + 300_000) : null},
          ${isOpen ? null : new Date(at)})`
      return { bankCardToken: bankCardToken ?? '', authCode, referenceNo }
    })
  } finally {
    await database.close()
  }
}

function sealed(
  vault: Vault,
  binding: { partnerId: string; referenceNo: string; cardNumber: string },
): string {
  return vault.seal(binding.cardNumber, cardContext(binding))
}

export const UNBIND_PATH = '/direct-debit/core/v1/registration-card-unbind'

export function unbind(
  merchant: Merchant,
  tokenId: string,
  more: CallChanges & { readonly body?: object } = {},
): Promise<Answer> {
  const { body, ...changes } = more
  return merchant.call(UNBIND_PATH, { tokenId, ...body }, changes)
}

export interface CardLine {
  readonly card: string
  /** Of the card's bindings, sorted. */
  readonly bindings: readonly string[]
  /** Of the card's unbindings, the oldest first. */
  readonly unbindings: readonly string[]
  /** Of these unbindings, in their order. */
  readonly events: readonly string[]
  /** How many of the three sealed values the row still has. */
  readonly sealed: number
}

/** Everything that the database says of a kept card. */
export async function readCard(stage: Stage, bankCardToken: string): Promise<CardLine> {
  const [line] = await stage.query<CardLine>(
    `select t.state::text card, num_nonnulls(data_key_sealed, card_sealed, network_token_sealed) sealed,
            array(select b.state::text from bindings b where b.partner_id = t.partner_id
                   and b.bank_card_token = t.bank_card_token order by 1) bindings,
            array(select u.state::text from unbindings u where u.partner_id = t.partner_id
                   and u.bank_card_token = t.bank_card_token order by created_at) unbindings,
            array(select o.type::text from outbox o join unbindings u using (partner_id, reference_no)
                   where u.partner_id = t.partner_id and u.bank_card_token = t.bank_card_token
                   order by u.created_at, o.sequence) events
       from card_tokens t where bank_card_token = $1`,
    [bankCardToken],
  )
  assert.ok(line)
  return line
}

/** Waits until no unbinding of the card is open, at most for ten seconds. */
export async function untilEnded(stage: Stage, bankCardToken: string): Promise<CardLine> {
  const until = Date.now() + 10_000
  for (;;) {
    const line = await readCard(stage, bankCardToken)
    if (line.card !== 'unbinding' || Date.now() > until) return line
    await wait(20)
  }
}
