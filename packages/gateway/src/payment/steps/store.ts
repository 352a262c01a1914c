import { type OutcomeName, parseTimestamp } from '@gerbang/snap'
import type { Step } from '../../channels/channel.ts'
import type { Sql } from '../../database/pool.ts'
import type { StandingCode } from '../../otp-request/otp-request.ts'
import { openPayment, type PaymentRow } from '../row.ts'
import { FINAL_STATES } from '../states.ts'
import type { PaymentName, PaymentStep, SteppedPayment } from './stepped.ts'

interface SteppedRow extends PaymentRow {
  readonly last_four: string | null
  readonly is_cancelling: boolean
  readonly step: Step | null
  readonly attempts: number
  readonly trying: number | null
  readonly trying_until: Date | null
  readonly resends: number
  readonly otp_requests: number
  readonly otp_sent_at: Date | null
  readonly otp_expires_at: Date | null
  readonly redirect_sealed: string | null
}

/** Undefined when the partner has no such payment. */
export async function findStepped(
  sql: Sql,
  { partnerId, referenceNo }: PaymentName,
): Promise<SteppedPayment | undefined> {
  const [row] = await sql<SteppedRow>`
    select p.*, partners.profile, t.last_four, s.step, s.attempts, s.trying, s.trying_until, s.resends, s.otp_requests,
           s.otp_sent_at, s.otp_expires_at, s.redirect_sealed,
           exists (select from cancellations c
                    where c.partner_id = p.partner_id and c.reference_no = p.reference_no and c.state <> 'refused') as is_cancelling
      from payments p
      join partners on partners.partner_id = p.partner_id
      left join card_tokens t on t.partner_id = p.partner_id and t.bank_card_token = p.bank_card_token
      left join payment_steps s on s.partner_id = p.partner_id and s.reference_no = p.reference_no
     where p.partner_id = ${partnerId} and p.reference_no = ${referenceNo}`
  return row && steppedOf(row)
}

/** The same, locked until the transaction of `sql` ends. Throws when there is none. */
export async function lockStepped(sql: Sql, name: PaymentName): Promise<SteppedPayment> {
  await sql`
    select 1 from payments
     where partner_id = ${name.partnerId} and reference_no = ${name.referenceNo} for no key update`
  // A statement of its own: it sees what whoever held the lock has committed.
  const payment = await findStepped(sql, name)
  if (payment === undefined) throw new Error('A payment that somebody confirms is not there')
  return payment
}

function steppedOf(row: SteppedRow): SteppedPayment {
  const payment = openPayment(row)
  const { flow = 'DH', successUrl, failedUrl, confirmBy } = row.particulars?.visiting ?? {}
  return {
    ...payment,
    state: row.state,
    outcome: (row.outcome as OutcomeName | null) ?? undefined,
    bankCardToken: row.bank_card_token ?? undefined,
    settledAt: row.settled_at?.getTime(),
    visiting: { flow, successUrl, failedUrl },
    journeyId: row.particulars?.journeyId,
    confirmBy: parseTimestamp(confirmBy ?? '') ?? payment.expiresAt,
    lastFour: row.last_four ?? undefined,
    isCancelling: row.is_cancelling,
    step: row.step === null ? undefined : stepOf(row, row.step),
  }
}

function stepOf(row: SteppedRow, step: Step): PaymentStep {
  return {
    step,
    attempts: row.attempts,
    trying: row.trying ?? undefined,
    tryingUntil: row.trying_until?.getTime(),
    resends: row.resends,
    otpRequests: row.otp_requests,
    otpSentAt: row.otp_sent_at?.getTime(),
    otpExpiresAt: row.otp_expires_at?.getTime(),
    redirectSealed: row.redirect_sealed ?? undefined,
  }
}

/** What the network waits for. Times in epoch milliseconds. */
export interface Asked {
  /** Undefined when it did not say so: then what stands, or else the customer's app. */
  readonly step: Step | undefined
  readonly otpSentAt: number | undefined
  readonly otpExpiresAt: number | undefined
  readonly redirectSealed: string | undefined
  /** When it was said. */
  readonly now: number
}

/**
 * Writes what the network waits for. A step that is behind the one that stands is old news. Codes of another step are counted anew;
 * of the same step, one that the network is being asked about still is.
 * Returns whether it is the payment's first.
 */
export async function writeAsked(
  sql: Sql,
  { partnerId, referenceNo }: PaymentName,
  { step, otpSentAt, otpExpiresAt, redirectSealed, now }: Asked,
): Promise<boolean> {
  const rows = await sql<{ is_new: boolean }>`
    insert into payment_steps as s (partner_id, reference_no, step, otp_sent_at, otp_expires_at, redirect_sealed)
    values (${partnerId}, ${referenceNo}, ${step ?? 'app'}::payment_step, ${dateOf(otpSentAt)}, ${dateOf(otpExpiresAt)},
            ${redirectSealed ?? null})
    on conflict (partner_id, reference_no) do update
       set step = case when ${step !== undefined} then excluded.step else s.step end,
           attempts = case when ${step === undefined} or s.step = excluded.step then s.attempts else 0 end,
           trying = case when (${step === undefined} or s.step = excluded.step) and s.trying_until > ${new Date(now)}
             then s.trying end,
           trying_until = case when (${step === undefined} or s.step = excluded.step) and s.trying_until > ${new Date(now)}
             then s.trying_until end,
           otp_sent_at = coalesce(s.otp_sent_at, excluded.otp_sent_at),
           otp_expires_at = coalesce(excluded.otp_expires_at, s.otp_expires_at),
           redirect_sealed = coalesce(s.redirect_sealed, excluded.redirect_sealed)
     where ${step === undefined} or s.step <= excluded.step
    returning xmax = 0 as is_new`
  return rows[0]?.is_new ?? false
}

/** A code that was tried, under its number within the step. */
export interface Attempt {
  readonly attempt: number
  readonly isWrong: boolean
}

/** Under which number that code was tried in that step before. */
export async function findAttempt(
  sql: Sql,
  { partnerId, referenceNo }: PaymentName,
  { step, codeLookup }: { readonly step: Step; readonly codeLookup: Buffer },
): Promise<Attempt | undefined> {
  const [row] = await sql<{ attempt: number; is_wrong: boolean }>`
    select attempt, is_wrong from payment_attempts
     where partner_id = ${partnerId} and reference_no = ${referenceNo} and step = ${step}::payment_step
       and code_lookup = ${codeLookup}`
  return row && { attempt: row.attempt, isWrong: row.is_wrong }
}

export interface AttemptToClaim {
  readonly step: Step
  readonly attempt: number
  readonly codeLookup: Buffer
  readonly externalId: string | undefined
  /** Epoch milliseconds, as all times here. */
  readonly triedAt: number
  /** Until when the network is asked at most; from then on the payment is looked after. */
  readonly until: number
}

/** Counts an attempt, and has the payment looked after if whoever makes it cannot. */
export async function claimAttempt(
  sql: Sql,
  { partnerId, referenceNo }: PaymentName,
  { step, attempt, codeLookup, externalId, triedAt, until }: AttemptToClaim,
): Promise<void> {
  await sql`
    insert into payment_attempts (partner_id, reference_no, step, attempt, code_lookup, external_id, tried_at)
    values (${partnerId}, ${referenceNo}, ${step}::payment_step, ${attempt}, ${codeLookup}, ${externalId ?? null},
            ${new Date(triedAt)})
    on conflict (partner_id, reference_no, step, attempt) do update
       set external_id = excluded.external_id, tried_at = excluded.tried_at`
  await sql`
    update payment_steps
       set attempts = greatest(attempts, ${attempt}), trying = ${attempt}, trying_until = ${new Date(until)}
     where partner_id = ${partnerId} and reference_no = ${referenceNo}`
  await lookAfter(sql, { partnerId, referenceNo }, until)
}

/** Has the payment asked about at that time, in epoch milliseconds, if it is still open. */
export async function lookAfter(
  sql: Sql,
  { partnerId, referenceNo }: PaymentName,
  dueAt: number,
): Promise<void> {
  await sql`
    update payments set due_at = ${new Date(dueAt)}, inquiries = 0
     where partner_id = ${partnerId} and reference_no = ${referenceNo} and due_at is not null`
}

/** The network has answered about an attempt: the next may be made. A wrong code is not asked about again. */
export async function endAttempt(
  sql: Sql,
  { partnerId, referenceNo }: PaymentName,
  { step, attempt, isWrong }: { readonly step: Step; readonly attempt: number; readonly isWrong: boolean },
): Promise<void> {
  if (isWrong) {
    await sql`
      update payment_attempts set is_wrong = true
       where partner_id = ${partnerId} and reference_no = ${referenceNo} and step = ${step}::payment_step
         and attempt = ${attempt}`
  }
  await sql`
    update payment_steps set trying = null, trying_until = null
     where partner_id = ${partnerId} and reference_no = ${referenceNo} and step = ${step}::payment_step
       and trying = ${attempt}`
}

/** The one-time password is dead. `at` in epoch milliseconds. */
export async function killCode(sql: Sql, { partnerId, referenceNo }: PaymentName, at: number): Promise<void> {
  await sql`
    update payment_steps set otp_expires_at = least(otp_expires_at, ${new Date(at)})
     where partner_id = ${partnerId} and reference_no = ${referenceNo}`
}

/** What is known of the code that counts. */
export async function writeCode(
  sql: Sql,
  { partnerId, referenceNo }: PaymentName,
  { resends, otpRequests, otpSentAt, otpExpiresAt }: StandingCode,
): Promise<void> {
  await sql`
    update payment_steps
       set resends = ${resends}, otp_requests = ${otpRequests}, otp_sent_at = ${dateOf(otpSentAt)},
           otp_expires_at = ${dateOf(otpExpiresAt)}
     where partner_id = ${partnerId} and reference_no = ${referenceNo}`
}

/** What is kept of the PINs that were tried goes. */
export async function forgetPins(sql: Sql, { partnerId, referenceNo }: PaymentName): Promise<void> {
  await sql`
    update payment_attempts set code_lookup = null
     where partner_id = ${partnerId} and reference_no = ${referenceNo} and step = 'pin'`
}

/** The requests that tried codes which were not wrong: somebody else may have to store what became of them. */
export async function findAskers(
  sql: Sql,
  { partnerId, referenceNo }: PaymentName,
): Promise<readonly { readonly externalId: string; readonly triedAt: number }[]> {
  const rows = await sql<{ external_id: string; tried_at: Date }>`
    select external_id, tried_at from payment_attempts
     where partner_id = ${partnerId} and reference_no = ${referenceNo} and not is_wrong and external_id is not null`
  return rows.map((row) => ({ externalId: row.external_id, triedAt: row.tried_at.getTime() }))
}

function dateOf(at: number | undefined): Date | null {
  return at === undefined ? null : new Date(at)
}

/**
 * Forgets codes that were tried so many days ago, by the caller's clock and by the server's, on payments that have ended; partner by
 * partner, and who holds one is not waited for. `now` in epoch milliseconds. Returns how many, `most` at most.
 */
export async function deleteOldAttempts(
  sql: Sql,
  { now, days, most }: { readonly now: number; readonly days: number; readonly most: number },
): Promise<number> {
  const rows = await sql`
    delete from payment_attempts where ctid = any (array(
      select old.place from partners p cross join lateral (
        select a.ctid as place from payment_attempts a
          join payments o on o.partner_id = a.partner_id and o.reference_no = a.reference_no
         where a.partner_id = p.partner_id and o.state = any (${FINAL_STATES}::payment_state[])
           and a.tried_at < least(${new Date(now)}::timestamptz, now()) - make_interval(days => ${days}::integer)
         order by a.tried_at limit ${most} for update of a skip locked) old
       order by p.partner_id limit ${most}))
    returning 1`
  return rows.length
}
