import type { Sql } from '../../database/pool.ts'

export interface ListedNotification {
  readonly partnerId: string
  readonly notificationNo: string
  readonly kind: 'payment' | 'refund' | 'binding' | 'cancellation'
  /** The payment, refund or binding that it happened to, and the one that it is about. */
  readonly referenceNo: string
  readonly subjectNo: string
  readonly url: string | null
  readonly state: 'pending' | 'delivered' | 'given-up'
  readonly reason: string | null
  readonly attempts: number
  readonly nextAttemptAt: Date | null
  readonly isResendRequested: boolean
  readonly createdAt: Date
  readonly settledAt: Date | null
}

export interface NotificationAttempt {
  readonly at: Date
  readonly isResend: boolean
  readonly url: string
  readonly latencyMs: number
  readonly status: number | null
  readonly reason: string | null
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly requestBody: string
  readonly responseBody: string | null
}

interface Wanted {
  readonly partnerId?: string | undefined
  readonly since?: Date | undefined
  readonly state?: string | undefined
  readonly referenceNo?: string | undefined
  readonly most: number
}

/** Partner by partner, so that each is a walk down one index. */
export function findNotifications(sql: Sql, wanted: Wanted): Promise<readonly ListedNotification[]> {
  return sql<ListedNotification>`
    select n.partner_id as "partnerId", n.notification_no::text as "notificationNo", n.kind, n.reference_no as "referenceNo",
           n.subject_no as "subjectNo", n.url, n.state, n.reason, n.attempts, n.next_attempt_at as "nextAttemptAt",
           n.resend_requested_at is not null as "isResendRequested", n.created_at as "createdAt", n.settled_at as "settledAt"
      from partners p cross join lateral (
        select * from notifications n
         where n.partner_id = p.partner_id and n.created_at >= ${wanted.since ?? new Date(0)}
           and (${wanted.state ?? null}::notification_state is null or n.state = ${wanted.state ?? null}::notification_state)
           and (${wanted.referenceNo ?? null}::varchar is null
                or ${wanted.referenceNo ?? null}::varchar in (n.reference_no, n.subject_no))
         order by n.created_at desc limit ${wanted.most}) n
     where p.partner_id = coalesce(${wanted.partnerId ?? null}::varchar, p.partner_id)
     order by n.created_at desc, n.notification_no desc limit ${wanted.most}`
}

export function findAttempts(
  sql: Sql,
  partnerId: string,
  notificationNo: string,
): Promise<readonly NotificationAttempt[]> {
  return sql<NotificationAttempt>`
    select attempted_at as at, is_resend as "isResend", url, latency_ms as "latencyMs", status, reason,
           request_headers as "requestHeaders", request_body as "requestBody", response_body as "responseBody"
      from notification_attempts
     where partner_id = ${partnerId} and notification_no = ${notificationNo}::bigint order by taking`
}

/** An endpoint that is left in peace is tried at once: whoever asks has mended something. */
export async function requestOne(
  sql: Sql,
  { partnerId, notificationNo }: { partnerId: string; notificationNo: string },
  now: number,
): Promise<'requested' | 'underway' | 'unknown' | 'without-url'> {
  const at = new Date(now)
  const rows = await sql<{ answer: 'requested' | 'underway' | 'without-url' }>`
    with found as materialized (
      select partner_id, notification_no, endpoint, resend_requested_at from notifications
       where partner_id = ${partnerId} and notification_no = ${notificationNo}::bigint for update),
    asked as (
      update notifications n set resend_requested_at = ${at}, due_at = least(n.due_at, ${at})
        from found f
       where n.partner_id = f.partner_id and n.notification_no = f.notification_no and f.endpoint is not null
         and f.resend_requested_at is null),
    woken as (
      update notification_endpoints e
         set due_at = least(e.due_at, ${at}), paused_until = least(e.paused_until, ${at})
        from found f where e.partner_id = f.partner_id and e.endpoint = f.endpoint)
    select case when endpoint is null then 'without-url' when resend_requested_at is null then 'requested'
                else 'underway' end as answer from found`
  return rows[0]?.answer ?? 'unknown'
}

/** Spread over time for each endpoint, in their order, after the resends that were asked for before. Returns how many. */
export async function requestFailed(
  sql: Sql,
  wanted: { since: Date; partnerId: string | undefined; perSecond: number },
  now: number,
): Promise<number> {
  const at = new Date(now)
  const rows = await sql<{ count: number }>`
    with failed as materialized (
      select n.partner_id, n.notification_no, n.endpoint from notifications n
       where n.partner_id in (select p.partner_id from partners p
                               where p.partner_id = coalesce(${wanted.partnerId ?? null}::varchar, p.partner_id))
         and n.created_at >= ${wanted.since} and n.state = 'given-up' and n.resend_requested_at is null
         and n.endpoint is not null
       order by n.partner_id, n.notification_no for update),
    begun as (
      select f.partner_id, f.endpoint, greatest(${at}::timestamptz, (
               select max(n.due_at) from notifications n
                where n.partner_id = f.partner_id and n.endpoint = f.endpoint and n.due_at is not null
                  and n.resend_requested_at is not null)) as at
        from failed f group by 1, 2),
    placed as (
      select f.*, b.at + make_interval(secs =>
               (row_number() over (partition by f.partner_id, f.endpoint order by f.notification_no) - 1)
               / ${wanted.perSecond}::float8) as due_at
        from failed f join begun b on b.partner_id = f.partner_id and b.endpoint = f.endpoint),
    asked as (
      update notifications n set resend_requested_at = ${at}, due_at = p.due_at
        from placed p where n.partner_id = p.partner_id and n.notification_no = p.notification_no
      returning 1),
    woken as (
      update notification_endpoints e
         set due_at = least(e.due_at, ${at}), paused_until = least(e.paused_until, ${at})
        from begun b where e.partner_id = b.partner_id and e.endpoint = b.endpoint)
    select count(*)::integer as count from asked`
  return rows[0]?.count ?? 0
}
