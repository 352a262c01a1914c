import { wibDate } from '@gerbang/snap'
import type { Sql } from '../database/pool.ts'
import type { OutgoingEvent } from './outbox.ts'

export async function insertEvent(sql: Sql, event: OutgoingEvent): Promise<void> {
  await sql`
    insert into outbox (partner_id, event_date, reference_no, sequence, type, body, created_at)
    values (${event.partnerId}, ${wibDate(event.at)}::date, ${event.referenceNo}, ${event.sequence}, ${event.type},
            ${JSON.stringify(event.body)}::json, ${new Date(event.at)})`
}
