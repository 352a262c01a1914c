import type { Sql } from '../database/pool.ts'
import { insertCode } from './codes/store.ts'
import type { DueUnbinding, Ending, HeldUnbinding, Unbinding } from './unbinding.ts'

interface UnbindingRow {
  readonly partner_id: string
  readonly reference_no: string
  readonly partner_reference_no: string | null
  readonly channel: string
  readonly bank_card_token: string
  readonly state: 'requested' | 'unresolved'
  readonly tries: number
  readonly created_at: Date
  readonly is_confirmed: boolean
}

type CardName = Pick<Unbinding, 'partnerId' | 'bankCardToken'>

/** The unbinding of that card that has not ended. */
export async function findOpenUnbinding(sql: Sql, card: CardName): Promise<Unbinding | undefined> {
  const rows = await sql<UnbindingRow>`
    select u.*, c.partner_id is not null as is_confirmed
      from unbindings u left join unbinding_codes c using (partner_id, reference_no)
     where partner_id = ${card.partnerId} and bank_card_token = ${card.bankCardToken}
       and state in ('requested', 'unresolved')`
  return rows[0] && unbindingOf(rows[0])
}

/** `dueAt` in epoch milliseconds: when whoever takes what is due is to take it. */
export async function insertUnbinding(sql: Sql, unbinding: Unbinding, dueAt: number): Promise<void> {
  await sql`
    insert into unbindings (partner_id, reference_no, partner_reference_no, channel, bank_card_token, created_at, due_at)
    values (${unbinding.partnerId}, ${unbinding.referenceNo}, ${unbinding.partnerReferenceNo ?? null},
            ${unbinding.channel}, ${unbinding.bankCardToken}, ${new Date(unbinding.createdAt)}, ${new Date(dueAt)})`
  if (unbinding.isConfirmed) await insertCode(sql, unbinding)
}

/** Where an unbinding stands. */
export async function findUnbindingState(
  sql: Sql,
  { partnerId, referenceNo }: Unbinding,
): Promise<string | undefined> {
  const rows = await sql<{ state: string }>`
    select state from unbindings where partner_id = ${partnerId} and reference_no = ${referenceNo}`
  return rows[0]?.state
}

export interface Standing extends Pick<Unbinding, 'channel' | 'createdAt'> {
  readonly state: string
  readonly isOver: boolean
}

/** The same with what its reply is made of. */
export async function findStanding(
  sql: Sql,
  { partnerId, referenceNo }: Pick<Unbinding, 'partnerId' | 'referenceNo'>,
): Promise<Standing | undefined> {
  const [row] = await sql<{ state: string; channel: string; created_at: Date; due_at: Date | null }>`
    select state, channel, created_at, due_at from unbindings
     where partner_id = ${partnerId} and reference_no = ${referenceNo}`
  if (row === undefined) return undefined
  const { state, channel } = row
  return { state, channel, createdAt: row.created_at.getTime(), isOver: row.due_at === null }
}

/** The bindings of a card or account, which are of one kind. */
export interface Moved {
  readonly kind: 'card' | 'account'
  readonly referenceNos: readonly string[]
}

/** The bindings of a card that is as it was. */
export async function findActiveBindings(sql: Sql, card: CardName): Promise<Moved> {
  const rows = await sql<{ reference_no: string; kind: Moved['kind'] }>`
    select reference_no, kind from bindings
     where partner_id = ${card.partnerId} and bank_card_token = ${card.bankCardToken} and state = 'active'`
  return movedOf(rows)
}

/** Moves all bindings of a card, whoever of the partner's customers made them, and returns which. */
export async function moveBindings(
  sql: Sql,
  card: CardName,
  change: { from: 'active' | 'unbinding'; to: 'unbinding' | 'active' | 'inactive' },
): Promise<Moved> {
  const rows = await sql<{ reference_no: string; kind: Moved['kind'] }>`
    update bindings set state = ${change.to}
     where partner_id = ${card.partnerId} and bank_card_token = ${card.bankCardToken} and state = ${change.from}
    returning reference_no, kind`
  return movedOf(rows)
}

function movedOf(rows: readonly { readonly reference_no: string; readonly kind: Moved['kind'] }[]): Moved {
  const referenceNos = rows.map((row) => row.reference_no).sort()
  return { kind: rows[0]?.kind ?? 'card', referenceNos }
}

/**
 * Takes unbindings whose time has come. They are due again at `until`, so a process that dies with them only delays them, and
 * two processes never take the same one.
 */
export async function takeDueUnbindings(
  sql: Sql,
  now: number,
  limits: { until: number; most: number },
): Promise<readonly DueUnbinding[]> {
  const rows = await sql<UnbindingRow>`
    with due as (
      select partner_id, reference_no from unbindings
       where due_at <= ${new Date(now)} order by due_at limit ${limits.most} for update skip locked)
    update unbindings u set due_at = ${new Date(limits.until)}, tries = u.tries + 1
      from due where u.partner_id = due.partner_id and u.reference_no = due.reference_no
    returning u.*, exists (
      select from unbinding_codes c
       where c.partner_id = u.partner_id and c.reference_no = u.reference_no) as is_confirmed`
  const takenUntil = limits.until
  return rows.map((row) => ({ ...unbindingOf(row), state: row.state, tries: row.tries, takenUntil }))
}

/** Whether nobody has gone on with it since it was taken. */
export async function isStillTaken(
  sql: Sql,
  { partnerId, referenceNo, takenUntil }: Pick<DueUnbinding, 'partnerId' | 'referenceNo' | 'takenUntil'>,
): Promise<boolean> {
  const rows = await sql`
    select 1 from unbindings
     where partner_id = ${partnerId} and reference_no = ${referenceNo} and due_at = ${new Date(takenUntil)}`
  return rows.length > 0
}

/**
 * The network was asked and gave no clear word: it is asked again at `dueAt`. One that has ended meanwhile is left alone, and so is one
 * that was taken and that others have gone on with.
 */
export async function postponeUnbinding(
  sql: Sql,
  unbinding: HeldUnbinding,
  { dueAt, networkCode }: { dueAt: number; networkCode: string | undefined },
): Promise<void> {
  const { partnerId, referenceNo, takenUntil } = unbinding
  const taken = takenUntil === undefined ? null : new Date(takenUntil)
  await sql`
    update unbindings
       set state = 'unresolved', due_at = ${new Date(dueAt)},
           network_code = coalesce(left(${networkCode ?? null}, 16), network_code)
     where partner_id = ${partnerId} and reference_no = ${referenceNo} and due_at = coalesce(${taken}::timestamptz, due_at)`
}

/** False when it has ended already. */
export async function endUnbindingRow(
  sql: Sql,
  unbinding: Unbinding,
  { state, networkCode }: Ending,
  at: number,
): Promise<boolean> {
  const rows = await sql`
    update unbindings
       set state = ${state}, due_at = null, settled_at = ${new Date(at)},
           network_code = coalesce(left(${networkCode ?? null}, 16), network_code)
     where partner_id = ${unbinding.partnerId} and reference_no = ${unbinding.referenceNo} and due_at is not null
    returning 1`
  return rows.length > 0
}

function unbindingOf(row: UnbindingRow): Unbinding {
  return {
    partnerId: row.partner_id,
    referenceNo: row.reference_no,
    partnerReferenceNo: row.partner_reference_no ?? undefined,
    channel: row.channel,
    bankCardToken: row.bank_card_token,
    isConfirmed: row.is_confirmed,
    createdAt: row.created_at.getTime(),
  }
}
