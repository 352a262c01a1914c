import type { Sql } from '../../database/pool.ts'
import type { NotificationKind } from '../relay.ts'

/** A notification that this process has to send, and nobody else until its lease ends. */
export interface Taken {
  readonly partnerId: string
  readonly notificationNo: string
  readonly referenceNo: string
  readonly kind: NotificationKind
  readonly subjectNo: string
  readonly url: string
  readonly endpoint: string
  readonly state: 'pending' | 'delivered' | 'given-up'
  readonly reason: string | null
  /** Of the schedule, before this one. */
  readonly attempts: number
  readonly firstAttemptAt: Date | null
  readonly nextAttemptAt: Date | null
  readonly settledAt: Date | null
  readonly isResend: boolean
  /** Which taking this is: an older one writes nothing any more. */
  readonly taking: number
  /** It tries alone whether its endpoint is back. */
  readonly isProbe: boolean
  /** The endpoint gave no answer lately: a sign of life is worth writing down. */
  readonly isDoubtful: boolean
}

export interface TakeLimits {
  /** Endpoints that are visited, and notifications of each, less what `busy` says. */
  readonly endpoints: number
  readonly perEndpoint: number
  readonly busy: readonly {
    readonly partnerId: string
    readonly endpoint: string
    readonly running: number
  }[]
  /** By the database's clock; for one that tries whether its endpoint is back, by the gateway's as well. */
  readonly leaseMs: number
  /** By the gateway's clock: how soon an endpoint, of which something is taken or held back, is visited again. */
  readonly revisitMs: number
}

export interface Taking {
  readonly taken: readonly Taken[]
  /** Endpoints of which there may be more. */
  readonly isMore: boolean
}

/** A look that costs a tenth of a taking: mostly there is nothing. */
export async function isAnythingDue(sql: Sql, now: number): Promise<boolean> {
  const rows = await sql`
    select from notification_endpoints
     where due_at <= ${new Date(now)} and (paused_until is null or paused_until <= ${new Date(now)}) limit 1`
  return rows.length > 0
}

/**
 * Takes what is due, a few of each endpoint, those first that were visited longest ago: whatever waits for one endpoint is in
 * nobody's way. An earlier notification of the same subject goes first, unless it is given up; a resend, which somebody asked for by
 * name, waits for earlier resends alone.
 */
export async function takeDue(sql: Sql, now: number, limits: TakeLimits): Promise<Taking> {
  const at = new Date(now)
  const revisitAt = new Date(now + limits.revisitMs)
  const rows = await sql<Taken & { readonly isMore: boolean }>`
    with chosen as materialized (
      select e.partner_id, e.endpoint, e.pauses > 0 as is_probe, e.failures > 0 as is_doubtful,
             case when e.pauses > 0 then 1 else ${limits.perEndpoint}::integer - coalesce(b.running, 0) end as quota
        from notification_endpoints e
        left join json_to_recordset(${JSON.stringify(limits.busy)}::json)
          as b ("partnerId" varchar, endpoint varchar, running integer)
          on b."partnerId" = e.partner_id and b.endpoint = e.endpoint
       where e.due_at <= ${at} and (e.paused_until is null or e.paused_until <= ${at})
         and coalesce(b.running, 0) < ${limits.perEndpoint}::integer
       order by e.visited_at limit ${limits.endpoints}::integer for update of e skip locked),
    picked as materialized (
      select c.is_probe, c.is_doubtful, n.*
        from chosen c cross join lateral (
          select n.partner_id, n.notification_no, n.endpoint, exists (
                   select from notifications b
                    where b.partner_id = n.partner_id and b.subject_no = n.subject_no and b.due_at is not null
                      and b.notification_no < n.notification_no
                      and (n.resend_requested_at is null or b.resend_requested_at is not null)) as is_held_back
            from notifications n
           where n.partner_id = c.partner_id and n.endpoint = c.endpoint and n.due_at <= ${at}
             and (n.leased_until is null or n.leased_until <= clock_timestamp())
           order by n.due_at, n.notification_no limit c.quota for update skip locked) n),
    visited as (
      update notification_endpoints e
         set visited_at = clock_timestamp(),
             -- Until its one notification is answered; where none is taken there is no answer to wait for.
             paused_until = case when not c.is_probe then null
               when exists (select from picked p where p.partner_id = c.partner_id and p.endpoint = c.endpoint
                             and not p.is_held_back)
               then ${new Date(now + limits.leaseMs)}::timestamptz
               else e.paused_until end,
             due_at = case
               when (select count(*) from picked p where p.partner_id = c.partner_id and p.endpoint = c.endpoint) >= c.quota
               then e.due_at
               else least((select min(n.due_at) from notifications n
                            where n.partner_id = c.partner_id and n.endpoint = c.endpoint and n.due_at > ${at}),
                          (select ${revisitAt}::timestamptz from notifications n
                            where n.partner_id = c.partner_id and n.endpoint = c.endpoint and n.due_at <= ${at} limit 1),
                          'infinity') end
        from chosen c where e.partner_id = c.partner_id and e.endpoint = c.endpoint
      returning e.partner_id, e.endpoint, e.due_at <= ${at} as is_more),
    held_back as (
      update notifications n set due_at = ${revisitAt}
        from picked p where n.partner_id = p.partner_id and n.notification_no = p.notification_no and p.is_held_back)
    update notifications n
       set leased_until = clock_timestamp() + make_interval(secs => ${limits.leaseMs / 1000}::float8), takings = n.takings + 1
      from picked p join visited v on v.partner_id = p.partner_id and v.endpoint = p.endpoint
     where n.partner_id = p.partner_id and n.notification_no = p.notification_no and not p.is_held_back
    returning n.partner_id as "partnerId", n.notification_no::text as "notificationNo", n.reference_no as "referenceNo",
              n.kind, n.subject_no as "subjectNo", n.url, n.endpoint, n.state, n.reason, n.attempts,
              n.first_attempt_at as "firstAttemptAt", n.next_attempt_at as "nextAttemptAt", n.settled_at as "settledAt",
              n.resend_requested_at is not null as "isResend", n.takings as taking, p.is_probe as "isProbe",
              p.is_doubtful as "isDoubtful", v.is_more as "isMore"`
  const taken = rows.toSorted((a, b) => Number(a.notificationNo) - Number(b.notificationNo))
  return { taken, isMore: rows.some(({ isMore }) => isMore) }
}

/** What is known of a notification after it was taken. Times in epoch milliseconds. */
export interface Ending {
  readonly partnerId: string
  readonly notificationNo: string
  readonly subjectNo: string
  readonly taking: number
  readonly state: Taken['state']
  readonly reason: string | null
  readonly attempts: number
  readonly firstAttemptAt: string | null
  readonly nextAttemptAt: string | null
  readonly dueAt: string | null
  readonly settledAt: string | null
  /** The resend that was asked for is done. */
  readonly isResent: boolean
  /** A resend that was not done is not due again before this time. */
  readonly notBefore: string | null
  /** Where it is to be sent from now on. */
  readonly url: string
  readonly endpoint: string
  readonly attempt: KeptAttempt | null
}

export interface KeptAttempt {
  readonly date: string
  readonly at: string
  readonly isResend: boolean
  readonly url: string
  readonly latencyMs: number
  readonly status: number | null
  readonly reason: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly answer: string | null
}

/** What attempts say of an endpoint, and when there is something to do for it. */
export interface EndpointEnding {
  readonly partnerId: string
  readonly endpoint: string
  /** Undefined when nothing was learnt. */
  readonly isAlive: boolean | null
  /** Failures in a row after the last sign of life, or after the beginning. */
  readonly failures: number
  readonly isProbe: boolean
  readonly dueAt: string | null
}

export interface PauseRule {
  readonly after: number
  readonly firstMs: number
  readonly longestMs: number
}

export interface EndpointChange {
  readonly partnerId: string
  readonly endpoint: string
  readonly pauses: number
  readonly before: number
}

/**
 * Writes the ends of attempts, the attempts themselves and what they say of their endpoints in one commit. Who took a notification before
 * somebody else did writes his attempt and nothing more. Those that were held back behind an end are due again.
 */
export function writeEndings(
  sql: Sql,
  now: number,
  {
    endings,
    endpoints,
    rule,
  }: { endings: readonly Ending[]; endpoints: readonly EndpointEnding[]; rule: PauseRule },
): Promise<readonly EndpointChange[]> {
  return sql<EndpointChange>`
    select partner_id as "partnerId", endpoint, pauses, before
      from end_notifications_v1(${JSON.stringify(endings)}::json, ${JSON.stringify(endpoints)}::json, ${new Date(now)}::timestamptz,
        ${rule.after}::integer, ${rule.firstMs}::float8, ${rule.longestMs}::float8)`
}

/** Endpoints that a notification was moved to, with work to do. */
export async function putEndpoints(
  sql: Sql,
  moved: readonly { readonly partnerId: string; readonly endpoint: string }[],
  now: number,
): Promise<void> {
  await sql`
    insert into notification_endpoints as e (partner_id, endpoint, due_at, visited_at)
    select distinct *, ${new Date(now)}::timestamptz, ${new Date(now)}::timestamptz
      from unnest(${moved.map(({ partnerId }) => partnerId)}::varchar[],
                  ${moved.map(({ endpoint }) => endpoint)}::varchar[]) order by 1, 2
    on conflict (partner_id, endpoint) do update set due_at = excluded.due_at where e.due_at > excluded.due_at`
}
