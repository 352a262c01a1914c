import { wibDate } from '@gerbang/snap'
import type { Sql } from '../database/pool.ts'
import type { OutgoingEvent } from './outbox.ts'
import type { Reading } from './reader.ts'

export async function insertEvent(sql: Sql, event: OutgoingEvent): Promise<void> {
  await sql`
    insert into outbox (partner_id, event_date, reference_no, sequence, type, body, created_at)
    values (${event.partnerId}, ${wibDate(event.at)}::date, ${event.referenceNo}, ${event.sequence}, ${event.type},
            ${JSON.stringify(event.body)}::json, ${new Date(event.at)})`
}

/** The reader's place stays locked until the transaction ends. `upTo` is null when there is nothing to read, or another reads. */
export async function readEvents(
  sql: Sql,
  wanted: { reader: string; types: readonly string[]; most: number },
): Promise<Reading & { readonly upTo: string | null }> {
  const rows = await sql<Reading & { readonly upTo: string | null }>`
    select up_to::text as "upTo", passed, events
      from read_outbox_v1(${wanted.reader}, ${wanted.types}::text[], ${wanted.most}::integer)`
  return rows[0] ?? { upTo: null, passed: 0, events: [] }
}

export async function moveReader(sql: Sql, reader: string, upTo: string): Promise<void> {
  await sql`update outbox_readers set read_up_to = ${upTo}::xid8 where reader = ${reader}`
}

/** Seconds since the oldest event that is still to be read; 0 when there is none. */
export async function unreadSeconds(sql: Sql, reader: string, now: number): Promise<number> {
  const rows = await sql<{ at: Date }>`
    select o.created_at as at from unread_outbox_v1(${reader}) u cross join lateral (
      select created_at from outbox where xid > u.place and xid < u.ahead order by xid limit 1) o`
  return rows[0] === undefined ? 0 : Math.max(0, (now - rows[0].at.getTime()) / 1000)
}
