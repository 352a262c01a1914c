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

/**
 * Forgets wishes for a code of so many days ago, by the caller's clock and by the server's; partner by partner, and who holds one is not
 * waited for. `now` in epoch milliseconds. Returns how many, `most` at most.
 */
export async function deleteOldOtpRequests(
  sql: Sql,
  { now, days, most }: { readonly now: number; readonly days: number; readonly most: number },
): Promise<number> {
  const rows = await sql`
    delete from otp_requests where ctid = any (array(
      select old.place from partners p cross join lateral (
        select ctid as place from otp_requests a
         where a.partner_id = p.partner_id
           and a.asked_at < least(${new Date(now)}::timestamptz, now()) - make_interval(days => ${days}::integer)
         order by a.asked_at limit ${most} for update skip locked) old
       order by p.partner_id limit ${most}))
    returning 1`
  return rows.length
}
