import type { Sql } from '../../database/pool.ts'
import type { BindingName, BindingStep } from '../binding.ts'
import { PENDING_STATES } from '../states.ts'

/** Of which code this is the how-maniest attempt. */
export interface AttemptNumber {
  readonly step: BindingStep
  readonly attempt: number
}

export interface Attempt extends AttemptNumber {
  readonly isWrong: boolean
  readonly externalId: string | undefined
  readonly triedAt: number
}

/** The attempt with that code, or with that number. */
export async function findAttempt(
  sql: Sql,
  name: BindingName,
  by: { readonly step: BindingStep } & ({ readonly otpLookup: Buffer } | { readonly attempt: number }),
): Promise<Attempt | undefined> {
  const [row] = await sql<{ attempt: number; is_wrong: boolean; external_id: string | null; tried_at: Date }>`
    select attempt, is_wrong, external_id, tried_at from otp_attempts
     where partner_id = ${name.partnerId} and reference_no = ${name.referenceNo} and step = ${by.step}
       and (otp_lookup = ${'otpLookup' in by ? by.otpLookup : null} or attempt = ${'attempt' in by ? by.attempt : null})`
  if (row === undefined) return undefined
  return {
    step: by.step,
    attempt: row.attempt,
    isWrong: row.is_wrong,
    externalId: row.external_id ?? undefined,
    triedAt: row.tried_at.getTime(),
  }
}

export interface AttemptToWrite extends AttemptNumber {
  readonly otpLookup: Buffer
  readonly externalId: string | undefined
  /** Epoch milliseconds. */
  readonly triedAt: number
}

/** A new attempt, or the same code once more under the number that it had. */
export async function writeAttempt(sql: Sql, name: BindingName, attempt: AttemptToWrite): Promise<void> {
  await sql`
    insert into otp_attempts (partner_id, reference_no, step, attempt, otp_lookup, external_id, tried_at)
    values (${name.partnerId}, ${name.referenceNo}, ${attempt.step}, ${attempt.attempt}, ${attempt.otpLookup},
            ${attempt.externalId}, ${new Date(attempt.triedAt)})
    on conflict (partner_id, reference_no, step, attempt)
      do update set external_id = excluded.external_id, tried_at = excluded.tried_at`
}

export async function markWrong(
  sql: Sql,
  name: BindingName,
  { step, attempt }: AttemptNumber,
): Promise<void> {
  await sql`
    update otp_attempts set is_wrong = true
     where partner_id = ${name.partnerId} and reference_no = ${name.referenceNo} and step = ${step} and attempt = ${attempt}`
}

/** Takes the hashes of all PINs away: a thief who has rows and look-up key learns nothing from a binding that has ended. */
export async function forgetPins(sql: Sql, name: BindingName): Promise<void> {
  await sql`
    update otp_attempts set otp_lookup = null
     where partner_id = ${name.partnerId} and reference_no = ${name.referenceNo} and step = 'pin'`
}

/**
 * Forgets codes that were tried so many days ago, by the caller's clock and by the server's, on bindings that wait for no code any
 * more; partner by partner, and who holds one is not waited for. `now` in epoch milliseconds. Returns how many, `most` at most.
 */
export async function deleteOldAttempts(
  sql: Sql,
  { now, days, most }: { readonly now: number; readonly days: number; readonly most: number },
): Promise<number> {
  const rows = await sql`
    delete from otp_attempts where ctid = any (array(
      select old.place from partners p cross join lateral (
        select a.ctid as place from otp_attempts a
          join bindings b on b.partner_id = a.partner_id and b.reference_no = a.reference_no
         where a.partner_id = p.partner_id and b.state <> all (${PENDING_STATES}::binding_state[])
           and a.tried_at < least(${new Date(now)}::timestamptz, now()) - make_interval(days => ${days}::integer)
         order by a.tried_at limit ${most} for update of a skip locked) old
       order by p.partner_id limit ${most}))
    returning 1`
  return rows.length
}
