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

export async function findRow(
  sql: Sql,
  key: RequestKey,
): Promise<{ fingerprint: Buffer; reply: string | null } | undefined> {
  const rows = await sql<{ fingerprint: Buffer; reply: string | null }>`
    select fingerprint, reply from request_ids
     where partner_id = ${key.partnerId} and request_date = ${key.requestDate}::date
       and service_code = ${key.serviceCode} and external_id = ${key.externalId}`
  return rows[0]
}

export async function writeReply(sql: Sql, key: RequestKey, text: string): Promise<void> {
  await sql`
    update request_ids set reply = ${text}
     where partner_id = ${key.partnerId} and request_date = ${key.requestDate}::date
       and service_code = ${key.serviceCode} and external_id = ${key.externalId}`
}
