import { type OutcomeName, wibDate } from '@gerbang/snap'
import type { Sql } from '../database/pool.ts'
import type { Cancellation, CancellationState, DueCancellation, Standing } from './cancellation.ts'

interface CancellationRow {
  partner_id: string
  profile: 'doku' | 'snap'
  cancel_no: string
  reference_no: string
  partner_reference_no: string
  channel: string
  amount_minor: string
  external_id: string | null
  reason: string
  state: CancellationState
  outcome: OutcomeName | null
  inquiries: number
  created_at: Date
  settled_at: Date | null
}

export async function insertCancellation(sql: Sql, one: Cancellation, dueAt: number): Promise<void> {
  await sql`
    insert into cancellations (partner_id, cancel_no, reference_no, external_id, request_date, reason, state, created_at, due_at)
    values (${one.partnerId}, ${one.cancelNo}, ${one.referenceNo}, ${one.externalId ?? null}, ${wibDate(one.createdAt)}::date,
            ${one.reason}, 'submitted', ${new Date(one.createdAt)}, ${new Date(dueAt)})`
}

/** The one that is open or done; a refused one is none. */
export async function findLive(
  sql: Sql,
  { partnerId, referenceNo }: { readonly partnerId: string; readonly referenceNo: string },
): Promise<Standing | undefined> {
  const [row] = await sql<CancellationRow>`
    select * from cancellations
     where partner_id = ${partnerId} and reference_no = ${referenceNo} and state <> 'refused'`
  return row && standingOf(row)
}

export async function findStanding(
  sql: Sql,
  { partnerId, cancelNo }: Pick<Cancellation, 'partnerId' | 'cancelNo'>,
): Promise<Standing> {
  const [row] = await sql<CancellationRow>`
    select * from cancellations where partner_id = ${partnerId} and cancel_no = ${cancelNo}`
  if (row === undefined) throw new Error('A cancellation is settled that was never claimed')
  return standingOf(row)
}

function standingOf({ state, outcome, settled_at }: CancellationRow): Standing {
  return { state, outcome: outcome ?? 'requestInProgress', settledAt: settled_at?.getTime() }
}

export interface Move {
  readonly state: Exclude<CancellationState, 'submitted'>
  readonly outcome: OutcomeName
  readonly networkCode: string | undefined
  /** Epoch milliseconds. */
  readonly now: number
  /** When to ask next; ignored for a final state. */
  readonly dueAt: number
}

/** Brings it to that state and returns the number of its event; undefined when it may not go there any more. */
export async function moveCancellation(
  sql: Sql,
  { partnerId, cancelNo }: Pick<Cancellation, 'partnerId' | 'cancelNo'>,
  { state, outcome, networkCode, now, dueAt }: Move,
): Promise<number | undefined> {
  const isFinal = state !== 'unresolved'
  const rows = await sql<{ sequence: number }>`
    update cancellations
       set state = ${state}::cancellation_state, outcome = ${outcome}, sequence = sequence + 1,
           network_code = coalesce(${networkCode ?? null}, network_code),
           due_at = ${isFinal ? null : new Date(dueAt)}, settled_at = ${isFinal ? new Date(now) : null}
     where partner_id = ${partnerId} and cancel_no = ${cancelNo}
       and (state = 'submitted' or ${isFinal} and state = 'unresolved')
    returning sequence`
  return rows[0]?.sequence
}

/**
 * Brings one that was refused to its end all the same, and returns the number of its event; undefined when it was not refused, or when
 * another one of the payment's is open or done. The caller has locked the payment.
 */
export async function reviveCancellation(
  sql: Sql,
  { partnerId, cancelNo }: Pick<Cancellation, 'partnerId' | 'cancelNo'>,
  { outcome, networkCode, now }: Pick<Move, 'outcome' | 'networkCode' | 'now'>,
): Promise<number | undefined> {
  const rows = await sql<{ sequence: number }>`
    update cancellations c
       set state = 'cancelled', outcome = ${outcome}, sequence = sequence + 1,
           network_code = coalesce(${networkCode ?? null}, network_code), settled_at = ${new Date(now)}
     where partner_id = ${partnerId} and cancel_no = ${cancelNo} and state = 'refused'
       and not exists (select from cancellations other
                        where other.partner_id = c.partner_id and other.reference_no = c.reference_no
                          and other.state <> 'refused')
    returning sequence`
  return rows[0]?.sequence
}

/** Takes those whose time has come; they are due again at `until`, so a process that dies with them only delays them. */
export async function takeDueCancellations(
  sql: Sql,
  now: number,
  limits: { readonly until: number; readonly most: number },
): Promise<readonly DueCancellation[]> {
  const rows = await sql<CancellationRow & { is_paid: boolean }>`
    with due as (
      select partner_id, cancel_no from cancellations
       where due_at <= ${new Date(now)} order by due_at limit ${limits.most} for update skip locked)
    update cancellations c set due_at = ${new Date(limits.until)}, inquiries = c.inquiries + 1
      from due, partners, payments p
     where c.partner_id = due.partner_id and c.cancel_no = due.cancel_no and partners.partner_id = c.partner_id
       and p.partner_id = c.partner_id and p.reference_no = c.reference_no
    returning c.*, partners.profile, p.partner_reference_no, p.channel, p.amount_minor, p.state = 'paid' as is_paid`
  return rows.map((row) => ({
    partnerId: row.partner_id,
    profile: row.profile,
    cancelNo: row.cancel_no,
    referenceNo: row.reference_no,
    partnerReferenceNo: row.partner_reference_no,
    channel: row.channel,
    amountMinor: BigInt(row.amount_minor),
    externalId: row.external_id ?? undefined,
    reason: row.reason,
    createdAt: row.created_at.getTime(),
    state: row.state,
    inquiries: row.inquiries - 1,
    isPaid: row.is_paid,
  }))
}

/** Asks again later. `dueAt` in epoch milliseconds. One that was settled meanwhile is left alone. */
export async function postponeCancellation(
  sql: Sql,
  { partnerId, cancelNo }: Pick<Cancellation, 'partnerId' | 'cancelNo'>,
  dueAt: number,
): Promise<void> {
  await sql`
    update cancellations set due_at = ${new Date(dueAt)}
     where partner_id = ${partnerId} and cancel_no = ${cancelNo} and due_at is not null`
}

/** True for the one who is to tell somebody that it stays open. `at` in epoch milliseconds. */
export async function claimCancellationAlert(
  sql: Sql,
  { partnerId, cancelNo }: Pick<Cancellation, 'partnerId' | 'cancelNo'>,
  at: number,
): Promise<boolean> {
  const rows = await sql`
    update cancellations set alerted_at = ${new Date(at)}
     where partner_id = ${partnerId} and cancel_no = ${cancelNo} and due_at is not null and alerted_at is null
    returning 1`
  return rows.length > 0
}
