import type { OutcomeName } from '@gerbang/snap'
import type { Sql } from '../../database/pool.ts'
import type { Unbinding } from '../unbinding.ts'

export type UnbindingName = Pick<Unbinding, 'partnerId' | 'referenceNo'>

/** An unbinding that its customer is asked to confirm, and how far that is. */
export interface ConfirmedUnbinding extends Unbinding {
  readonly state: 'requested' | 'unresolved' | 'completed' | 'failed'
  readonly attempts: number
  /** Which attempt the network is being asked about. */
  readonly trying: number | undefined
  /** Epoch milliseconds; undefined while the network has not said so. */
  readonly otpExpiresAt: number | undefined
  /** Why it came to nothing. */
  readonly outcome: OutcomeName | undefined
}

interface ConfirmedRow {
  readonly partner_id: string
  readonly reference_no: string
  readonly partner_reference_no: string | null
  readonly channel: string
  readonly bank_card_token: string
  readonly state: ConfirmedUnbinding['state']
  readonly created_at: Date
  readonly attempts: number
  readonly trying: number | null
  readonly otp_expires_at: Date | null
  readonly outcome: OutcomeName | null
}

export async function insertCode(sql: Sql, { partnerId, referenceNo }: UnbindingName): Promise<void> {
  await sql`insert into unbinding_codes (partner_id, reference_no) values (${partnerId}, ${referenceNo})`
}

/** The newest one of that account, whatever became of it. Whoever has locked the account has locked this too. */
export async function findConfirmed(
  sql: Sql,
  { partnerId, bankCardToken }: Pick<Unbinding, 'partnerId' | 'bankCardToken'>,
): Promise<ConfirmedUnbinding | undefined> {
  const rows = await sql<ConfirmedRow>`
    select * from unbindings join unbinding_codes using (partner_id, reference_no)
     where partner_id = ${partnerId} and bank_card_token = ${bankCardToken}
     order by created_at desc, reference_no desc limit 1`
  return rows[0] && confirmedOf(rows[0])
}

export async function findByReference(
  sql: Sql,
  { partnerId, referenceNo }: UnbindingName,
): Promise<ConfirmedUnbinding | undefined> {
  const rows = await sql<ConfirmedRow>`
    select * from unbindings join unbinding_codes using (partner_id, reference_no)
     where partner_id = ${partnerId} and reference_no = ${referenceNo}`
  return rows[0] && confirmedOf(rows[0])
}

/** From now on the network is being asked about that attempt; `until`, in epoch milliseconds, whoever takes what is due leaves it alone. */
export async function beginAttempt(
  sql: Sql,
  { partnerId, referenceNo }: UnbindingName,
  { attempt, until }: { readonly attempt: number; readonly until: number },
): Promise<void> {
  await sql`
    update unbinding_codes set trying = ${attempt}, attempts = greatest(attempts, ${attempt})
     where partner_id = ${partnerId} and reference_no = ${referenceNo}`
  await sql`
    update unbindings set state = 'unresolved', due_at = ${new Date(until)}
     where partner_id = ${partnerId} and reference_no = ${referenceNo}`
}

/** The network waits for a code, which dies at `otpExpiresAt`, and is not being asked about one. */
export async function endAttempt(
  sql: Sql,
  { partnerId, referenceNo }: UnbindingName,
  otpExpiresAt: number,
): Promise<void> {
  await sql`
    update unbinding_codes set trying = null, otp_expires_at = ${new Date(otpExpiresAt)}
     where partner_id = ${partnerId} and reference_no = ${referenceNo}`
}

export async function endCode(
  sql: Sql,
  { partnerId, referenceNo }: UnbindingName,
  outcome: OutcomeName | undefined,
): Promise<void> {
  await sql`
    update unbinding_codes set trying = null, outcome = ${outcome ?? null}
     where partner_id = ${partnerId} and reference_no = ${referenceNo}`
}

export interface Attempt {
  readonly attempt: number
  readonly isWrong: boolean
}

export async function findAttempt(
  sql: Sql,
  { partnerId, referenceNo }: UnbindingName,
  otpLookup: Buffer,
): Promise<Attempt | undefined> {
  const rows = await sql<{ attempt: number; is_wrong: boolean }>`
    select attempt, is_wrong from unbinding_attempts
     where partner_id = ${partnerId} and reference_no = ${referenceNo} and otp_lookup = ${otpLookup}`
  return rows[0] && { attempt: rows[0].attempt, isWrong: rows[0].is_wrong }
}

/** What that request has tried last. */
export async function findAttemptOf(
  sql: Sql,
  { partnerId, referenceNo }: UnbindingName,
  externalId: string,
): Promise<(Attempt & { readonly triedAt: number }) | undefined> {
  const [row] = await sql<{ attempt: number; is_wrong: boolean; tried_at: Date }>`
    select attempt, is_wrong, tried_at from unbinding_attempts
     where partner_id = ${partnerId} and reference_no = ${referenceNo} and external_id = ${externalId}
     order by tried_at desc limit 1`
  return row && { attempt: row.attempt, isWrong: row.is_wrong, triedAt: row.tried_at.getTime() }
}

export interface AttemptToWrite {
  readonly attempt: number
  readonly otpLookup: Buffer
  readonly externalId: string
  /** Epoch milliseconds. */
  readonly triedAt: number
}

/** A new attempt, or the same code once more under the number that it had. */
export async function writeAttempt(
  sql: Sql,
  { partnerId, referenceNo }: UnbindingName,
  { attempt, otpLookup, externalId, triedAt }: AttemptToWrite,
): Promise<void> {
  await sql`
    insert into unbinding_attempts (partner_id, reference_no, attempt, otp_lookup, external_id, tried_at)
    values (${partnerId}, ${referenceNo}, ${attempt}, ${otpLookup}, ${externalId}, ${new Date(triedAt)})
    on conflict (partner_id, reference_no, attempt)
      do update set external_id = excluded.external_id, tried_at = excluded.tried_at`
}

export async function markWrong(
  sql: Sql,
  { partnerId, referenceNo }: UnbindingName,
  attempt: number,
): Promise<void> {
  await sql`
    update unbinding_attempts set is_wrong = true
     where partner_id = ${partnerId} and reference_no = ${referenceNo} and attempt = ${attempt}`
}

/**
 * Forgets codes that were tried so many days ago, by the caller's clock and by the server's; partner by partner, and who holds one is not
 * waited for. `now` in epoch milliseconds. Returns how many, `most` at most.
 */
export async function deleteOldAttempts(
  sql: Sql,
  { now, days, most }: { readonly now: number; readonly days: number; readonly most: number },
): Promise<number> {
  const rows = await sql`
    delete from unbinding_attempts where ctid = any (array(
      select old.place from partners p cross join lateral (
        select ctid as place from unbinding_attempts a
         where a.partner_id = p.partner_id
           and a.tried_at < least(${new Date(now)}::timestamptz, now()) - make_interval(days => ${days}::integer)
         order by a.tried_at limit ${most} for update skip locked) old
       order by p.partner_id limit ${most}))
    returning 1`
  return rows.length
}

function confirmedOf(row: ConfirmedRow): ConfirmedUnbinding {
  return {
    partnerId: row.partner_id,
    referenceNo: row.reference_no,
    partnerReferenceNo: row.partner_reference_no ?? undefined,
    channel: row.channel,
    bankCardToken: row.bank_card_token,
    isConfirmed: true,
    createdAt: row.created_at.getTime(),
    state: row.state,
    attempts: row.attempts,
    trying: row.trying ?? undefined,
    otpExpiresAt: row.otp_expires_at?.getTime(),
    outcome: row.outcome ?? undefined,
  }
}
