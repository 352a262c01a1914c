import type { Sql } from '../database/pool.ts'
import type { OtpOwner, OtpRequest } from './otp-request.ts'

/** Writes that the network is about to be asked for a code. A number that is taken is an error. */
export async function writeOtpRequest(
  sql: Sql,
  { partnerId, referenceNo, kind }: OtpOwner,
  { number, externalId, isFirst, otpExpiresAt, askedAt }: OtpRequest,
): Promise<void> {
  await sql`
    insert into otp_requests
      (partner_id, reference_no, number, kind, external_id, is_first, otp_expires_at, asked_at)
    values (${partnerId}, ${referenceNo}, ${number}, ${kind}, ${externalId ?? null}, ${isFirst},
            ${otpExpiresAt === undefined ? null : new Date(otpExpiresAt)}, ${new Date(askedAt)})`
}

/** The code that was asked for under that external id, the latest first: on another day it may have been used again. */
export async function findOtpRequest(
  sql: Sql,
  { partnerId, referenceNo }: OtpOwner,
  externalId: string,
): Promise<OtpRequest | undefined> {
  const [row] = await sql<{ number: number; is_first: boolean; otp_expires_at: Date | null; asked_at: Date }>`
    select number, is_first, otp_expires_at, asked_at from otp_requests
     where partner_id = ${partnerId} and reference_no = ${referenceNo} and external_id = ${externalId}
     order by number desc limit 1`
  if (row === undefined) return undefined
  return {
    number: row.number,
    externalId,
    isFirst: row.is_first,
    otpExpiresAt: row.otp_expires_at?.getTime(),
    askedAt: row.asked_at.getTime(),
  }
}
