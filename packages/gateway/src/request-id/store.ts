import type { Sql } from '../database/pool.ts'

export interface RequestKey {
  readonly partnerId: string
  /** Jakarta day, `2026-05-26`. */
  readonly requestDate: string
  readonly serviceCode: string
  readonly externalId: string
}

/** False when the id is taken. */
export async function claimRow(
  sql: Sql,
  key: RequestKey,
  row: { fingerprint: Buffer; referenceNo: string },
): Promise<boolean> {
  const rows = await sql`
    insert into request_ids (partner_id, request_date, service_code, external_id, fingerprint, reference_no)
    values (${key.partnerId}, ${key.requestDate}::date, ${key.serviceCode}, ${key.externalId}, ${row.fingerprint},
            ${row.referenceNo})
    on conflict do nothing returning 1`
  return rows.length > 0
}

export interface RequestRow {
  readonly fingerprint: Buffer
  readonly reply: string | null
  readonly referenceNo: string
}

export async function findRow(sql: Sql, key: RequestKey): Promise<RequestRow | undefined> {
  const rows = await sql<RequestRow>`
    select fingerprint, reply, reference_no as "referenceNo" from request_ids
     where partner_id = ${key.partnerId} and request_date = ${key.requestDate}::date
       and service_code = ${key.serviceCode} and external_id = ${key.externalId}`
  return rows[0]
}

/** What a reply begins with that says that nobody knows yet how the request ends: in progress, or no answer of the network. */
const OPEN_REPLIES = ['{"responseCode":"202%', '{"responseCode":"504%']

/** False, and nothing is written, when the request has been told how it ended. */
export async function writeReply(sql: Sql, key: RequestKey, text: string): Promise<boolean> {
  const rows = await sql`
    update request_ids set reply = ${text}
     where partner_id = ${key.partnerId} and request_date = ${key.requestDate}::date
       and service_code = ${key.serviceCode} and external_id = ${key.externalId}
       and (reply is null or reply like any (${OPEN_REPLIES}))
    returning 1`
  return rows.length > 0
}
