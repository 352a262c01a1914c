import type { Sql } from '../../database/pool.ts'
import type { BindingName, BindingStep } from '../binding.ts'

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
