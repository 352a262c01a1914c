import type { Sql } from '../database/pool.ts'
import type { CardTokenState } from './card-token.ts'

export interface CardTokenRow {
  readonly partner_id: string
  readonly bank_card_token: string
  readonly account_id: string
  readonly channel: string
  readonly card_lookup: Buffer
  readonly issuer_number: string
  readonly last_four: string
  readonly state: CardTokenState
  readonly data_key_sealed: string | null
  readonly card_sealed: string | null
  readonly network_token_sealed: string | null
  readonly created_at: Date
}

/**
 * One at a time of those who keep a card or drop a token of it, until its transaction ends: a card that is not kept yet has no row to
 * be locked. Taken before any row of the card.
 */
export async function lockIdentity(
  sql: Sql,
  card: { partnerId: string; channel: string; lookup: Buffer },
): Promise<void> {
  const text = `card|${card.partnerId}|${card.channel}|${card.lookup.toString('base64')}`
  await sql`select pg_advisory_xact_lock(hashtextextended(${text}, 4))`
}

/** False when the partner keeps the card already; that row is then locked by nobody yet. */
export async function insertToken(sql: Sql, row: Omit<CardTokenRow, 'state'>): Promise<boolean> {
  const rows = await sql`
    insert into card_tokens (partner_id, bank_card_token, account_id, channel, card_lookup, issuer_number, last_four,
      data_key_sealed, card_sealed, network_token_sealed, created_at)
    values (${row.partner_id}, ${row.bank_card_token}, ${row.account_id}, ${row.channel}, ${row.card_lookup},
            ${row.issuer_number}, ${row.last_four}, ${row.data_key_sealed}, ${row.card_sealed},
            ${row.network_token_sealed}, ${row.created_at})
    on conflict (partner_id, channel, card_lookup) where state <> 'inactive' do nothing returning 1`
  return rows.length > 0
}

/** The live token of a card, locked until the transaction ends. Payments that only refer to it are not kept waiting. */
export async function findLiveToken(
  sql: Sql,
  card: { partnerId: string; channel: string; lookup: Buffer },
): Promise<CardTokenRow | undefined> {
  const rows = await sql<CardTokenRow>`
    select * from card_tokens
     where partner_id = ${card.partnerId} and channel = ${card.channel} and card_lookup = ${card.lookup}
       and state <> 'inactive' for no key update`
  return rows[0]
}

export async function findToken(
  sql: Sql,
  partnerId: string,
  bankCardToken: string,
): Promise<CardTokenRow | undefined> {
  const rows = await sql<CardTokenRow>`
    select * from card_tokens where partner_id = ${partnerId} and bank_card_token = ${bankCardToken}`
  return rows[0]
}

/** The same, locked until the transaction ends. Payments that only refer to it are not kept waiting. */
export async function lockToken(
  sql: Sql,
  partnerId: string,
  bankCardToken: string,
): Promise<CardTokenRow | undefined> {
  const rows = await sql<CardTokenRow>`
    select * from card_tokens where partner_id = ${partnerId} and bank_card_token = ${bankCardToken} for no key update`
  return rows[0]
}

export async function updateState(
  sql: Sql,
  token: CardTokenRow,
  change: { from: CardTokenState; to: CardTokenState },
): Promise<void> {
  await sql`
    update card_tokens set state = ${change.to}
     where partner_id = ${token.partner_id} and bank_card_token = ${token.bank_card_token} and state = ${change.from}`
}

export async function shredToken(sql: Sql, token: CardTokenRow, at: Date): Promise<void> {
  await sql`
    update card_tokens
       set state = 'inactive', unbound_at = ${at}, data_key_sealed = null, card_sealed = null, network_token_sealed = null
     where partner_id = ${token.partner_id} and bank_card_token = ${token.bank_card_token} and state = 'unbinding'`
}

export async function findByAccount(
  sql: Sql,
  partnerId: string,
  accountId: string,
): Promise<CardTokenRow | undefined> {
  const rows = await sql<CardTokenRow>`
    select * from card_tokens where partner_id = ${partnerId} and account_id = ${accountId}`
  return rows[0]
}

export async function isLeaving(
  sql: Sql,
  card: { partnerId: string; channel: string; cardLookup: Buffer },
): Promise<boolean> {
  const rows = await sql`
    select 1 from card_tokens
     where partner_id = ${card.partnerId} and channel = ${card.channel} and card_lookup = ${card.cardLookup}
       and state = 'unbinding'`
  return rows.length > 0
}

export async function updateNetworkToken(sql: Sql, token: CardTokenRow, sealed: string): Promise<void> {
  await sql`
    update card_tokens set network_token_sealed = ${sealed}
     where partner_id = ${token.partner_id} and bank_card_token = ${token.bank_card_token}`
}
