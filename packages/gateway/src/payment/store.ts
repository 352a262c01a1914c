import { formatInstant, parseTimestamp, SERVICE_CODES, wibDate } from '@gerbang/snap'
import type { Parameter, Row, Statement } from '../database/batch.ts'
import type { CallLimits, Lane } from '../database/lane.ts'
import type { Sql } from '../database/pool.ts'
import { type StoredReply, storedReply } from '../reply.ts'
import type { PaymentEvent } from './events.ts'
import type { KnownPayment, OpenPayment, Order, PaymentNames, SealedCard } from './payment.ts'
import { knownPayment, openPayment, type PaymentRow } from './row.ts'
import { isFinal, type PaymentState, predecessorsOf } from './states.ts'
import type { Verdict } from './verdict.ts'

const CLAIM: Statement = {
  name: 'claim-payments-v2',
  text: `select n, kind, reply, data_key_sealed, network_token_sealed
    from claim_payments_v2($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18)`,
}
const SETTLE: Statement = {
  name: 'settle-payments-v1',
  text: 'select n, applied, state, reply from settle_payments_v1($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)',
}
export const PAYMENT_STATEMENTS: readonly Statement[] = [CLAIM, SETTLE]

/** Request ids are unique per service, whatever the partner's response-code profile. */
const SERVICE_CODE = SERVICE_CODES['payment-host-to-host'].snap

export type ClaimAnswer =
  | {
      readonly kind:
        | 'busy'
        | 'running'
        | 'other-body'
        | 'duplicate-reference'
        | 'inconsistent-reference'
        | 'unknown-card'
        | 'inactive-card'
        | 'other-card'
    }
  | { readonly kind: 'claimed'; readonly card: SealedCard | undefined }
  | { readonly kind: 'replay'; readonly reply: StoredReply }

/** What stands: this settlement, or the one that came first. The fault is what could not be done besides. */
export interface Settled {
  readonly state: PaymentState
  readonly reply: StoredReply | undefined
  /** Somebody calls the payment off, or has: that it was paid before is no news. */
  readonly isCalledOff?: boolean
  readonly fault?: unknown
}

/** Writes the payment and its request id, or says who was first. Safe to repeat with the same order. */
export async function claim(
  lane: Lane,
  order: Order,
  limits: { dueAt: number; timeoutMs: number },
): Promise<ClaimAnswer> {
  const { payment } = order
  const values: readonly Parameter[] = [
    payment.externalId,
    order.fingerprint,
    payment.referenceNo,
    payment.partnerReferenceNo,
    payment.channel,
    payment.variant,
    order.source.kind === 'token' ? order.source.bankCardToken : null,
    order.issuerNumber,
    String(payment.amountMinor),
    order.cardSealed,
    order.cardLookup,
    order.particulars,
    formatInstant(payment.createdAt),
    formatInstant(limits.dueAt),
    formatInstant(payment.expiresAt),
  ]
  const row = expectRow(await lane.call(CLAIM, values, limitsOf(payment, limits.timeoutMs)))
  const kind = row[1] as ClaimAnswer['kind']
  if (kind === 'replay') return { kind, reply: storedReply(String(row[2])) }
  return kind === 'claimed' ? { kind, card: sealedCard(row) } : { kind }
}

function sealedCard([, , , dataKeySealed, networkTokenSealed]: Row): SealedCard | undefined {
  if (typeof dataKeySealed !== 'string' || typeof networkTokenSealed !== 'string') return undefined
  return { dataKeySealed, networkTokenSealed }
}

export interface Settlement {
  readonly payment: OpenPayment
  readonly verdict: Verdict
  readonly reply: StoredReply
  readonly event: PaymentEvent
  readonly now: number
  /** When to inquire next; ignored for a final state. */
  readonly dueAt: number
  /** From which states it may be reached, where that is not by the usual rule. */
  readonly from?: readonly PaymentState[]
}

/** State, stored reply and event in one commit, if the state machine allows; else what stands. Safe to repeat. */
export async function settle(lane: Lane, settlement: Settlement, timeoutMs: number): Promise<Settled> {
  const { payment, verdict, reply } = settlement
  const values = settledValues(settlement)
  const book = async () => {
    const row = expectRow(await lane.call(SETTLE, values, limitsOf(payment, timeoutMs)))
    const [, applied, state, text] = row
    if (applied === 't') return { state: verdict.state, reply }
    return { state: state as PaymentState, reply: typeof text === 'string' ? storedReply(text) : undefined }
  }
  const settled = await book()
  // Two settlements of a payment in one batch: the first was booked, and ours may follow it.
  const isNext = settled.state !== verdict.state && predecessorsOf(verdict.state).includes(settled.state)
  return isNext ? book() : settled
}

/** The same within a transaction of the caller's, who has more to write when `applied`. */
export async function settleWithin(
  sql: Sql,
  settlement: Settlement,
): Promise<Settled & { readonly applied: boolean }> {
  const { payment, verdict } = settlement
  const [a, b, c, d, e, f, g, h, i, j, k, l, m] = settledValues(settlement).map((value) => [value])
  const [row] = await sql<{ applied: boolean; state: PaymentState | null; reply: string | null }>`
    select applied, state, reply from settle_payments_v1(
      ${payment.partnerId}, ${wibDate(payment.createdAt)}::date, ${SERVICE_CODE}, ${a}, ${b}, ${c}, ${d}, ${e}, ${f},
      ${g}, ${h}, ${i}, ${j}, ${k}, ${l}, ${m}) order by applied desc`
  if (row === undefined) throw new Error('A function of the database returned no row')
  if (row.applied) return { applied: true, state: verdict.state, reply: settlement.reply }
  const reply = row.reply === null ? undefined : storedReply(row.reply)
  return { applied: false, state: row.state ?? verdict.state, reply }
}

function settledValues(settlement: Settlement): readonly (string | null)[] {
  const { payment, verdict, reply, event, now } = settlement
  return [
    payment.referenceNo,
    payment.externalId,
    `{${(settlement.from ?? predecessorsOf(verdict.state)).join(',')}}`,
    verdict.state,
    verdict.outcome,
    verdict.networkReferenceNo ?? null,
    verdict.networkCode ?? null,
    reply.text,
    event.type,
    wibDate(now),
    event.body,
    formatInstant(now),
    isFinal(verdict.state) ? null : formatInstant(settlement.dueAt),
  ]
}

/** The sealed card number of a payment, and what the card is found by. */
export async function findSealedCard(
  sql: Sql,
  payment: OpenPayment,
): Promise<{ readonly sealed: string; readonly cardLookup: Buffer } | undefined> {
  const [row] = await sql<{ card_sealed: string | null; card_lookup: Buffer }>`
    select card_sealed, card_lookup from payments
     where partner_id = ${payment.partnerId} and reference_no = ${payment.referenceNo}`
  if (row === undefined || row.card_sealed === null) return undefined
  return { sealed: row.card_sealed, cardLookup: row.card_lookup }
}

/** What became of the wish to keep the card: its token, or null when there is none. */
export async function writeLinking(
  sql: Sql,
  payment: OpenPayment,
  bankCardToken: string | null,
): Promise<void> {
  await sql`
    update payments
       set bank_card_token = ${bankCardToken},
           bind_state = case when ${bankCardToken}::text is null then 'declined' else 'bound' end::bind_state
     where partner_id = ${payment.partnerId} and reference_no = ${payment.referenceNo}`
}

export interface DuePayment extends OpenPayment {
  readonly state: PaymentState
  /** How often the network was asked before this time. */
  readonly inquiries: number
  /** The network has said that it has the charge. */
  readonly isAcknowledged: boolean
  /** When it was taken, by the database's clock. */
  readonly takenAt: number
  /** When the customer's time is over, where the request said so; epoch milliseconds. */
  readonly confirmBy?: number | undefined
  /** The same for a payment that waits for one. */
  readonly changesAt?: number
}

/**
 * Takes payments whose time has come. They are due again at `until`, so a process that dies with them only delays
 * them, and two processes never take the same one.
 */
export async function takeDuePayments(
  sql: Sql,
  now: number,
  limits: { until: number; most: number },
): Promise<readonly DuePayment[]> {
  const rows = await sql<PaymentRow & { taken_at: Date }>`
    with due as (
      select partner_id, reference_no from payments
       where due_at <= ${new Date(now)} order by due_at limit ${limits.most} for update skip locked)
    update payments p set due_at = ${new Date(limits.until)}, inquiries = p.inquiries + 1
      from due, partners
     where p.partner_id = due.partner_id and p.reference_no = due.reference_no and partners.partner_id = p.partner_id
    returning p.*, partners.profile, clock_timestamp() taken_at`
  return rows.map((row) => ({
    ...openPayment(row),
    state: row.state,
    inquiries: row.inquiries - 1,
    isAcknowledged: row.network_code !== null,
    takenAt: row.taken_at.getTime(),
    confirmBy: parseTimestamp(row.particulars?.visiting?.confirmBy ?? ''),
  }))
}

/** Asks again later, and keeps what the network said so far. A payment that was settled meanwhile is left alone. */
export async function postpone(
  sql: Sql,
  payment: OpenPayment,
  { dueAt, networkCode }: { dueAt: number; networkCode?: string | undefined },
): Promise<void> {
  await sql`
    update payments
       set due_at = ${new Date(dueAt)}, network_code = coalesce(${networkCode ?? null}, network_code)
     where partner_id = ${payment.partnerId} and reference_no = ${payment.referenceNo} and due_at is not null`
}

/**
 * The partner's payments under any of these names, the one that bears them all first. Of the attempts of one reference, which
 * may be very many, only two are read: the living or paid one and the latest failed one. Failed ones are released to their
 * own numbers, and these begin with the time, so that the index of live attempts has them in order.
 */
export async function findPayments(
  sql: Sql,
  partnerId: string,
  names: PaymentNames,
): Promise<readonly KnownPayment[]> {
  const { partnerReferenceNo = null, referenceNo = null, externalId = null } = names
  const rows = await sql<PaymentRow>`
    select p.* from (
      (select * from payments where partner_id = ${partnerId} and reference_no = ${referenceNo})
      union all
      (select * from payments where partner_id = ${partnerId} and external_id = ${externalId})
      union all
      (select * from payments
        where partner_id = ${partnerId} and partner_reference_no = ${partnerReferenceNo} and released = '')
      union all
      (select * from payments
        where partner_id = ${partnerId} and partner_reference_no = ${partnerReferenceNo} and released > ''
        order by released desc limit 1)) p
     order by (p.partner_reference_no = coalesce(${partnerReferenceNo}, p.partner_reference_no)
               and p.reference_no = coalesce(${referenceNo}, p.reference_no)
               and p.external_id = coalesce(${externalId}, p.external_id)) desc,
              p.state in ('declined', 'reversed'), p.created_at desc limit 20`
  return rows.map(knownPayment)
}

function limitsOf({ partnerId, referenceNo, createdAt }: OpenPayment, timeoutMs: number): CallLimits {
  return {
    shared: [partnerId, wibDate(createdAt), SERVICE_CODE],
    key: `${partnerId}|${referenceNo}`,
    timeoutMs,
  }
}

function expectRow(row: Row | undefined): Row {
  if (row === undefined) throw new Error('A function of the database returned no row')
  return row
}
