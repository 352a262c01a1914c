import type { Sql } from '../../database/pool.ts'
import type { DueSurplus, SurplusToken } from './surplus-token.ts'

export type SurplusName = Pick<DueSurplus, 'partnerId' | 'surplusNo'>

interface SurplusRow {
  readonly partner_id: string
  readonly surplus_no: string
  readonly reference_no: string
  readonly channel: string
  readonly bank_card_token: string | null
  readonly token_sealed: string
  readonly state: 'requested' | 'unresolved'
  readonly tries: number
  readonly wanted_at: Date
}

export interface SurplusToInsert extends Omit<SurplusToken, 'networkToken'> {
  readonly surplusNo: string
  readonly referenceNo: string
  /** Tells the token from others. */
  readonly lookup: Buffer
  readonly sealed: string
}

/** Does nothing when that token is to be forgotten already. */
export async function insertSurplus(sql: Sql, surplus: SurplusToInsert): Promise<void> {
  await sql`
    insert into surplus_tokens (
      partner_id, surplus_no, reference_no, channel, bank_card_token, token_lookup, token_sealed, wanted_at, due_at)
    values (
      ${surplus.partnerId}, ${surplus.surplusNo}, ${surplus.referenceNo}, ${surplus.channel},
      ${surplus.bankCardToken ?? null}, ${surplus.lookup}, ${surplus.sealed}, ${new Date(surplus.at)},
      ${new Date(surplus.dueAt)})
    on conflict (partner_id, token_lookup) where token_sealed is not null do nothing`
}

export async function withdrawSurplus(
  sql: Sql,
  token: { readonly partnerId: string; readonly lookup: Buffer; readonly at: number },
): Promise<void> {
  await sql`
    update surplus_tokens set state = 'withdrawn', due_at = null, token_sealed = null, settled_at = ${new Date(token.at)}
     where partner_id = ${token.partnerId} and token_lookup = ${token.lookup} and token_sealed is not null`
}

/** Locked until the transaction ends. */
export async function listRefused(
  sql: Sql,
  card: { readonly partnerId: string; readonly bankCardToken: string },
): Promise<readonly string[]> {
  const rows = await sql<SurplusRow>`
    select * from surplus_tokens
     where partner_id = ${card.partnerId} and bank_card_token = ${card.bankCardToken} and state = 'refused'
     order by surplus_no for update`
  return rows.map((row) => row.surplus_no)
}

/** Due at once. */
export async function reopenSurplus(
  sql: Sql,
  { partnerId, surplusNo, referenceNo }: SurplusName & Pick<DueSurplus, 'referenceNo'>,
  at: number,
): Promise<void> {
  await sql`
    update surplus_tokens
       set state = 'requested', reference_no = ${referenceNo}, tries = 0, wanted_at = ${new Date(at)},
           due_at = ${new Date(at)}, settled_at = null, alerted_at = null
     where partner_id = ${partnerId} and surplus_no = ${surplusNo} and state = 'refused'`
}

/**
 * Takes those whose time has come. They are due again at `until`, so a process that dies with them only delays them, and two
 * processes never take the same one.
 */
export async function takeDueSurplus(
  sql: Sql,
  now: number,
  limits: { readonly until: number; readonly most: number },
): Promise<readonly DueSurplus[]> {
  const rows = await sql<SurplusRow>`
    with due as (
      select partner_id, surplus_no from surplus_tokens
       where due_at <= ${new Date(now)} order by due_at limit ${limits.most} for update skip locked)
    update surplus_tokens s set due_at = ${new Date(limits.until)}, tries = s.tries + 1
      from due where s.partner_id = due.partner_id and s.surplus_no = due.surplus_no
    returning s.*`
  return rows.map((row) => ({
    partnerId: row.partner_id,
    surplusNo: row.surplus_no,
    referenceNo: row.reference_no,
    channel: row.channel,
    bankCardToken: row.bank_card_token ?? undefined,
    sealed: row.token_sealed,
    state: row.state,
    tries: row.tries,
    wantedAt: row.wanted_at.getTime(),
  }))
}

/** Whether a payment with the card is under way, which may have been sent with any of its tokens. */
export async function isCardPaying(
  sql: Sql,
  { partnerId, bankCardToken }: Pick<DueSurplus, 'partnerId' | 'bankCardToken'>,
): Promise<boolean> {
  const rows = await sql`
    select 1 from payments
     where due_at is not null and partner_id = ${partnerId} and bank_card_token = ${bankCardToken ?? null}
       and state in ('submitted', 'waiting') limit 1`
  return rows.length > 0
}

export interface SurplusDelay {
  /** Epoch milliseconds. */
  readonly dueAt: number
  /** The network was asked and gave no clear word. */
  readonly isAsked: boolean
  readonly networkCode?: string | undefined
}

/** One that has ended meanwhile is left alone. */
export async function postponeSurplus(
  sql: Sql,
  { partnerId, surplusNo }: SurplusName,
  { dueAt, isAsked, networkCode }: SurplusDelay,
): Promise<void> {
  await sql`
    update surplus_tokens
       set state = case when ${isAsked} then 'unresolved' else state end, due_at = ${new Date(dueAt)},
           network_code = coalesce(left(${networkCode ?? null}, 16), network_code)
     where partner_id = ${partnerId} and surplus_no = ${surplusNo} and due_at is not null`
}

/** False when it has ended already. Of a token that was refused the value stays, to be told of again. */
export async function endSurplus(
  sql: Sql,
  { partnerId, surplusNo }: SurplusName,
  ending: { readonly isForgotten: boolean; readonly networkCode?: string | undefined; readonly at: number },
): Promise<boolean> {
  const { isForgotten, networkCode, at } = ending
  const rows = await sql`
    update surplus_tokens
       set state = case when ${isForgotten} then 'forgotten'::surplus_state else 'refused' end,
           token_sealed = case when ${isForgotten} then null else token_sealed end,
           due_at = null, settled_at = ${new Date(at)},
           network_code = coalesce(left(${networkCode ?? null}, 16), network_code)
     where partner_id = ${partnerId} and surplus_no = ${surplusNo} and due_at is not null
    returning 1`
  return rows.length > 0
}

/** True for the one who is to tell somebody that the network says nothing clear. `at` in epoch milliseconds. */
export async function claimSurplusAlert(
  sql: Sql,
  { partnerId, surplusNo }: SurplusName,
  at: number,
): Promise<boolean> {
  const rows = await sql`
    update surplus_tokens set alerted_at = ${new Date(at)}
     where partner_id = ${partnerId} and surplus_no = ${surplusNo} and due_at is not null and alerted_at is null
    returning 1`
  return rows.length > 0
}
