import type { Sql } from '../../database/pool.ts'

export interface Backlog {
  readonly pending: number
  /** Seconds. */
  readonly oldestSeconds: number
  readonly pausedEndpoints: number
}

export async function countBacklog(sql: Sql, now: number): Promise<Backlog> {
  const rows = await sql<Backlog>`
    select count(*)::integer as pending,
           coalesce(extract(epoch from ${new Date(now)}::timestamptz - min(created_at)), 0)::float8 as "oldestSeconds",
           (select count(*) from notification_endpoints where pauses > 0)::integer as "pausedEndpoints"
      from notifications where due_at is not null and state = 'pending'`
  return rows[0] ?? { pending: 0, oldestSeconds: 0, pausedEndpoints: 0 }
}

/** Gives up what became too old while its endpoint was down. Returns how many. */
export async function giveUpOld(
  sql: Sql,
  limits: { now: number; before: number; most: number },
): Promise<number> {
  const rows = await sql`
    update notifications set state = 'given-up', reason = 'the endpoint stayed down', settled_at = ${new Date(limits.now)},
           next_attempt_at = null, due_at = case when resend_requested_at is null then null else due_at end
     where (partner_id, notification_no) in (
       select partner_id, notification_no from notifications
        where due_at is not null and state = 'pending' and created_at < ${new Date(limits.before)}
          and (leased_until is null or leased_until < clock_timestamp())
        limit ${limits.most} for update skip locked)
    returning 1`
  return rows.length
}

/** Forgets settled notifications of days that are over, some of each partner. Returns how many. */
export async function deleteOld(sql: Sql, limits: { before: number; most: number }): Promise<number> {
  const rows = await sql`
    delete from notifications n
     using partners p cross join lateral (
       select o.notification_no from notifications o
        where o.partner_id = p.partner_id and o.created_at < ${new Date(limits.before)} and o.due_at is null
        order by o.created_at limit ${limits.most}) old
     where n.partner_id = p.partner_id and n.notification_no = old.notification_no
    returning 1`
  return rows.length
}

/** An endpoint that has work and does not know it would sleep for ever; this costs one look each. */
export async function wakeEndpoints(sql: Sql): Promise<void> {
  await sql`
    update notification_endpoints e set due_at = d.due_at
      from notification_endpoints o cross join lateral (
        select min(n.due_at) as due_at from notifications n
         where n.partner_id = o.partner_id and n.endpoint = o.endpoint and n.due_at is not null) d
     where e.partner_id = o.partner_id and e.endpoint = o.endpoint and d.due_at < e.due_at`
}
