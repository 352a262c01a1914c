import { type OutcomeName, wibDate } from '@gerbang/snap'
import type { Postponement } from '../channels/inquiries.ts'
import type { Sql } from '../database/pool.ts'
import type { Settlement } from './books.ts'
import type { DueRefund, OpenRefund, RefundHistory } from './open-refund.ts'
import { REFUND_STATES, type RefundState } from './states.ts'
import type { Standing } from './verdict.ts'

/** False when the partnerRefundNo is taken. A twin that is being claimed at this moment is waited for. */
export async function insertRefund(sql: Sql, refund: OpenRefund, dueAt: number): Promise<boolean> {
  const rows = await sql`
    insert into refunds (
      partner_id, refund_no, partner_refund_no, reference_no, external_id, request_date, amount_minor, reason, state,
      created_at, expires_at, due_at)
    values (
      ${refund.partnerId}, ${refund.refundNo}, ${refund.partnerRefundNo}, ${refund.originalReferenceNo},
      ${refund.externalId}, ${wibDate(refund.createdAt)}::date, ${String(refund.amountMinor)}, ${refund.reason},
      'submitted', ${new Date(refund.createdAt)}, ${new Date(refund.expiresAt)}, ${new Date(dueAt)})
    on conflict (partner_id, partner_refund_no) do nothing returning 1`
  return rows.length > 0
}

/**
 * Takes the amount from what is left of the payment, or nothing and false. Whoever comes second waits for the first
 * and then sees what it left: this statement alone decides the race.
 */
export async function reserve(sql: Sql, refund: OpenRefund): Promise<boolean> {
  const amount = String(refund.amountMinor)
  const rows = await sql`
    insert into refund_balances as balance (partner_id, reference_no, paid_minor, reserved_minor)
    select partner_id, reference_no, amount_minor, ${amount}::bigint from payments
     where partner_id = ${refund.partnerId} and reference_no = ${refund.originalReferenceNo} and state = 'paid'
       and amount_minor >= ${amount}::bigint
    on conflict (partner_id, reference_no) do update set reserved_minor = balance.reserved_minor + excluded.reserved_minor
     where balance.reserved_minor + excluded.reserved_minor <= balance.paid_minor
    returning 1`
  return rows.length > 0
}

/** Frees what was reserved for a refund, or marks it as given back. Returns whether all of the payment is given back by now. */
export async function release(sql: Sql, refund: OpenRefund, isRefunded: boolean): Promise<boolean> {
  const amount = String(refund.amountMinor)
  const rows = await sql<{ is_full: boolean }>`
    update refund_balances
       set reserved_minor = reserved_minor - case when ${isRefunded} then 0 else ${amount}::bigint end,
           refunded_minor = refunded_minor + case when ${isRefunded} then ${amount}::bigint else 0 end
     where partner_id = ${refund.partnerId} and reference_no = ${refund.originalReferenceNo}
    returning refunded_minor = paid_minor as is_full`
  if (rows[0] === undefined) throw new Error('A claimed refund has no balance')
  return rows[0].is_full
}

/** Whose whole amount is held. */
export interface Whole {
  readonly partnerId: string
  readonly referenceNo: string
  readonly amountMinor: bigint
}

/** Takes all of a payment, or nothing and false when any of it is given back or about to be. */
export async function holdWhole(sql: Sql, { partnerId, referenceNo, amountMinor }: Whole): Promise<boolean> {
  const rows = await sql`
    insert into refund_balances as balance (partner_id, reference_no, paid_minor, reserved_minor)
    values (${partnerId}, ${referenceNo}, ${String(amountMinor)}, ${String(amountMinor)})
    on conflict (partner_id, reference_no) do update set reserved_minor = balance.paid_minor
     where balance.reserved_minor = 0
    returning 1`
  return rows.length > 0
}

/** Frees all of it again, or marks it as given back. */
export async function endWhole(
  sql: Sql,
  { partnerId, referenceNo }: Omit<Whole, 'amountMinor'>,
  isGivenBack: boolean,
): Promise<void> {
  await sql`
    update refund_balances
       set reserved_minor = case when ${isGivenBack} then paid_minor else 0 end,
           refunded_minor = case when ${isGivenBack} then paid_minor else 0 end
     where partner_id = ${partnerId} and reference_no = ${referenceNo}`
}

export interface Room {
  readonly leftMinor: bigint
  readonly isFullyRefunded: boolean
  /** Whether somebody is calling the payment off, or has. */
  readonly isCalledOff: boolean
  /** Whether the partnerRefundNo belongs to a refund already. */
  readonly isNumberUsed: boolean
}

/** What is left of a payment at this moment; undefined when it was never refunded. */
export async function findRoom(sql: Sql, refund: OpenRefund): Promise<Room | undefined> {
  const [row] = await sql<{ left_minor: string; is_full: boolean; is_used: boolean; is_off: boolean }>`
    select paid_minor - reserved_minor as left_minor, refunded_minor = paid_minor as is_full,
           exists (select from refunds r
                    where r.partner_id = ${refund.partnerId} and r.partner_refund_no = ${refund.partnerRefundNo}) as is_used,
           exists (select from cancellations c
                    where c.partner_id = ${refund.partnerId} and c.reference_no = ${refund.originalReferenceNo}
                      and c.state <> 'refused') as is_off
      from refund_balances
     where partner_id = ${refund.partnerId} and reference_no = ${refund.originalReferenceNo}`
  if (row === undefined) return undefined
  const { left_minor, is_full: isFullyRefunded, is_used: isNumberUsed, is_off: isCalledOff } = row
  return { leftMinor: BigInt(left_minor), isFullyRefunded, isNumberUsed, isCalledOff }
}

interface RefundRow {
  partner_id: string
  profile: 'doku' | 'snap'
  refund_no: string
  partner_refund_no: string
  reference_no: string
  partner_reference_no: string
  channel: string
  external_id: string
  amount_minor: string
  reason: string
  state: RefundState
  outcome: OutcomeName | null
  network_code: string | null
  inquiries: number
  created_at: Date
  expires_at: Date
  settled_at: Date | null
}

/** The refund that bears this partnerRefundNo already. */
export async function findTwin(
  sql: Sql,
  { partnerId, partnerRefundNo }: OpenRefund,
): Promise<{ originalReferenceNo: string; amountMinor: bigint; state: RefundState } | undefined> {
  const [row] = await sql<RefundRow>`
    select * from refunds where partner_id = ${partnerId} and partner_refund_no = ${partnerRefundNo}`
  return (
    row && {
      originalReferenceNo: row.reference_no,
      amountMinor: BigInt(row.amount_minor),
      state: row.state,
    }
  )
}

/** Brings the refund to the verdict's state and returns the number of its event; undefined when it may not go there any more. */
export async function moveRefund(
  sql: Sql,
  { refund, verdict, now, dueAt }: Settlement,
): Promise<number | undefined> {
  const { isFinal, from } = REFUND_STATES[verdict.state]
  const rows = await sql<{ sequence: number }>`
    update refunds
       set state = ${verdict.state}::refund_state, outcome = ${verdict.outcome}, sequence = sequence + 1,
           network_reference_no = ${verdict.networkReferenceNo ?? null},
           network_code = coalesce(${verdict.networkCode ?? null}, network_code),
           due_at = ${isFinal ? null : new Date(dueAt)}, settled_at = ${isFinal ? new Date(now) : null}
     where partner_id = ${refund.partnerId} and refund_no = ${refund.refundNo} and state = any(${from}::refund_state[])
    returning sequence`
  return rows[0]?.sequence
}

export async function findStanding(sql: Sql, { partnerId, refundNo }: OpenRefund): Promise<Standing> {
  const [row] = await sql<RefundRow>`
    select * from refunds where partner_id = ${partnerId} and refund_no = ${refundNo}`
  if (row === undefined) throw new Error('A refund is settled that was never claimed')
  const { state, outcome, settled_at } = row
  return { state, outcome: outcome ?? 'requestInProgress', settledAt: settled_at?.getTime() }
}

/**
 * Takes refunds whose time has come. They are due again at `until`, so a process that dies with them only delays them,
 * and two processes never take the same one.
 */
export async function takeDueRefunds(
  sql: Sql,
  now: number,
  limits: { until: number; most: number },
): Promise<readonly DueRefund[]> {
  const rows = await sql<RefundRow & { taken_at: Date }>`
    with due as (
      select partner_id, refund_no from refunds
       where due_at <= ${new Date(now)} order by due_at limit ${limits.most} for update skip locked)
    update refunds r set due_at = ${new Date(limits.until)}, inquiries = r.inquiries + 1
      from due, partners, payments p
     where r.partner_id = due.partner_id and r.refund_no = due.refund_no and partners.partner_id = r.partner_id
       and p.partner_id = r.partner_id and p.reference_no = r.reference_no
    returning r.*, partners.profile, p.partner_reference_no, p.channel, clock_timestamp() taken_at`
  return rows.map((row) => ({
    partnerId: row.partner_id,
    profile: row.profile,
    externalId: row.external_id,
    refundNo: row.refund_no,
    referenceNo: row.refund_no,
    partnerRefundNo: row.partner_refund_no,
    originalReferenceNo: row.reference_no,
    originalPartnerReferenceNo: row.partner_reference_no,
    channel: row.channel,
    amountMinor: BigInt(row.amount_minor),
    reason: row.reason,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
    state: row.state,
    inquiries: row.inquiries - 1,
    isAcknowledged: row.network_code !== null,
    takenAt: row.taken_at.getTime(),
  }))
}

/** Asks again later, and keeps what the network said so far. A refund that was settled meanwhile is left alone. */
export async function postponeRefund(
  sql: Sql,
  { partnerId, refundNo }: OpenRefund,
  { dueAt, networkCode }: Postponement,
): Promise<void> {
  await sql`
    update refunds set due_at = ${new Date(dueAt)}, network_code = coalesce(${networkCode ?? null}, network_code)
     where partner_id = ${partnerId} and refund_no = ${refundNo} and due_at is not null`
}

/** The longest history that one reply tells; the first ones are told. */
const MOST_LINES = 1_000

/** The refunds of a payment, in the order in which they were asked for, and whether it was called off instead. */
export async function findHistory(sql: Sql, partnerId: string, referenceNo: string): Promise<RefundHistory> {
  const rows = await sql<RefundRow & HistoryRow>`
    select r.*, b.refunded_minor = b.paid_minor as is_full, c.settled_at as cancelled_at, r.refund_no is not null as is_refund
      from refund_balances b
      left join refunds r using (partner_id, reference_no)
      left join cancellations c on c.partner_id = b.partner_id and c.reference_no = b.reference_no and c.state = 'cancelled'
     where b.partner_id = ${partnerId} and b.reference_no = ${referenceNo}
     order by r.created_at, r.refund_no limit ${MOST_LINES}`
  const [first] = rows
  const isCancelled = (first?.cancelled_at ?? null) !== null
  return {
    isCancelled,
    isFullyRefunded: !isCancelled && (first?.is_full ?? false),
    refunds: rows
      .filter(({ is_refund }) => is_refund)
      .map((row) => ({
        refundNo: row.refund_no,
        partnerRefundNo: row.partner_refund_no,
        amountMinor: BigInt(row.amount_minor),
        state: row.state,
        reason: row.reason,
        at: (row.settled_at ?? row.created_at).getTime(),
      })),
  }
}

interface HistoryRow {
  readonly is_full: boolean
  readonly cancelled_at: Date | null
  readonly is_refund: boolean
}
