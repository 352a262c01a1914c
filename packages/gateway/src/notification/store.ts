import type { Sql } from '../database/pool.ts'
import type { Draft, SubjectChannel } from './relay.ts'

/** Channel and override of payments and bindings; those that do not exist are missing in the answer. */
export function findChannels(
  sql: Sql,
  subjects: readonly { partnerId: string; subjectNo: string; isBinding: boolean }[],
): Promise<readonly SubjectChannel[]> {
  return sql<SubjectChannel>`
    with asked as materialized (
      select distinct * from json_to_recordset(${JSON.stringify(subjects)}::json)
        as a ("partnerId" varchar, "subjectNo" varchar, "isBinding" boolean))
    select p.partner_id as "partnerId", p.reference_no as "subjectNo", p.channel,
           p.particulars->'notificationUrl' as override
      from asked a join payments p on p.partner_id = a."partnerId" and p.reference_no = a."subjectNo"
     where not a."isBinding"
    union all
    select b.partner_id, b.reference_no, b.channel, null
      from asked a join bindings b on b.partner_id = a."partnerId" and b.reference_no = a."subjectNo"
     where a."isBinding"`
}

/** Writes the drafts in their order and wakes their endpoints. A draft that is written already is left alone. */
export async function insertNotifications(sql: Sql, drafts: readonly Draft[], now: number): Promise<void> {
  if (drafts.length === 0) return
  await sql`
    with draft as materialized (
      select * from json_to_recordset(${JSON.stringify(drafts.map((draft, place) => ({ ...draft, place })))}::json)
        as d ("partnerId" varchar, "referenceNo" varchar, sequence integer, kind notification_kind, "subjectNo" varchar,
              url varchar, endpoint varchar, reason varchar, place integer)),
    woken as (
      insert into notification_endpoints as e (partner_id, endpoint, due_at, visited_at)
      select distinct "partnerId", endpoint, ${new Date(now)}::timestamptz, ${new Date(now)}::timestamptz
        from draft where endpoint is not null order by 1, 2
      on conflict (partner_id, endpoint) do update set due_at = excluded.due_at where e.due_at > excluded.due_at)
    insert into notifications (partner_id, reference_no, sequence, kind, subject_no, url, endpoint, state, reason,
      next_attempt_at, due_at, created_at, settled_at)
    select "partnerId", "referenceNo", sequence, kind, "subjectNo", url, endpoint,
           case when reason is null then 'pending' else 'given-up' end::notification_state, reason,
           case when reason is null then ${new Date(now)}::timestamptz end,
           case when reason is null then ${new Date(now)}::timestamptz end, ${new Date(now)}::timestamptz,
           case when reason is not null then ${new Date(now)}::timestamptz end
      from draft order by place
    on conflict (partner_id, reference_no, sequence) do nothing`
}
