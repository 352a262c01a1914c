-- Writes how attempts to notify ended, the attempts themselves and what they say of their endpoints, in one commit.
--
-- p_endings: one object for each notification that was taken (notification/queue/store.ts, Ending). Whoever took it before somebody
-- else did writes the attempt and nothing more. p_endpoints: for each endpoint of which something was learnt, whether it lives, its
-- failures in a row since, and when there is something to do for it. An endpoint with p_after failures in a row is left in peace for
-- p_first_ms, and twice as long each time that one notification tries it in vain, p_longest_ms at most.
create or replace function end_notifications_v1(
  p_endings json, p_endpoints json, p_now timestamptz, p_after integer, p_first_ms float8, p_longest_ms float8)
returns table (partner_id varchar, endpoint varchar, pauses integer, before integer)
language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
begin
  return query
  with ending as materialized (
    select * from json_to_recordset(p_endings)
      as e ("partnerId" varchar, "notificationNo" bigint, "subjectNo" varchar, taking integer, state notification_state,
            reason varchar, attempts smallint, "firstAttemptAt" timestamptz, "nextAttemptAt" timestamptz,
            "dueAt" timestamptz, "settledAt" timestamptz, "isResent" boolean, "notBefore" timestamptz, url varchar, endpoint varchar, attempt json)),
  told as (
    insert into notification_attempts (partner_id, notification_no, taking, attempt_date, attempted_at, is_resend, url,
      latency_ms, status, reason, request_headers, request_body, response_body)
    select e."partnerId", e."notificationNo", e.taking, a.date, a.at, a."isResend", a.url, a."latencyMs", a.status, a.reason,
           a.headers, a.body, a.answer
      from ending e cross join lateral json_to_record(e.attempt)
        as a (date date, at timestamptz, "isResend" boolean, url varchar, "latencyMs" integer, status smallint,
              reason varchar, headers json, body text, answer varchar)
     where json_typeof(e.attempt) = 'object'
    on conflict do nothing),
  ended as (
    update notifications n
       set state = e.state, reason = e.reason, attempts = e.attempts, first_attempt_at = e."firstAttemptAt",
           next_attempt_at = e."nextAttemptAt", settled_at = e."settledAt", leased_until = null, url = e.url,
           endpoint = e.endpoint,
           -- A resend that was asked for meanwhile stands.
           due_at = case when n.resend_requested_at is not null and not e."isResent" then greatest(n.due_at, e."notBefore")
                    else e."dueAt" end,
           resend_requested_at = case when e."isResent" then null else n.resend_requested_at end
      from ending e
     where n.partner_id = e."partnerId" and n.notification_no = e."notificationNo" and n.takings = e.taking),
  freed as (
    update notifications n set due_at = n.next_attempt_at
      from ending e
     where e."dueAt" is null and n.partner_id = e."partnerId" and n.subject_no = e."subjectNo"
       and n.notification_no > e."notificationNo" and n.due_at > n.next_attempt_at and n.resend_requested_at is null
       and not exists (
         select from ending other
          where other."partnerId" = n.partner_id and other."notificationNo" = n.notification_no)
    returning n.partner_id, n.endpoint),
  learnt as materialized (
    select "partnerId" as partner_id, endpoint, bool_or("isAlive") as is_alive, sum(failures) as failures,
           bool_or("isProbe") as is_probe, min("dueAt") as due_at
      from (select "partnerId", endpoint, "isAlive", failures, "isProbe", "dueAt"
              from json_to_recordset(p_endpoints)
                as l ("partnerId" varchar, endpoint varchar, "isAlive" boolean, failures integer, "isProbe" boolean,
                      "dueAt" timestamptz)
            union all select partner_id, endpoint, null, 0, false, p_now from freed) l
     group by 1, 2),
  locked as materialized (
    select e.*, l.is_alive, l.failures as more, l.is_probe, l.due_at as wake_at,
           case when l.is_alive then 0 else e.failures end + l.failures as in_a_row
      from notification_endpoints e join learnt l on l.partner_id = e.partner_id and l.endpoint = e.endpoint
     order by e.partner_id, e.endpoint for update of e),
  judged as materialized (
    select k.*, case when k.is_alive or k.in_a_row < p_after then 0
                     when k.pauses = 0 or (k.is_probe and k.more > 0) then k.pauses + 1 else k.pauses end as new_pauses
      from locked k)
  update notification_endpoints e
     set failures = j.in_a_row, pauses = j.new_pauses, due_at = least(e.due_at, j.wake_at),
         paused_until = case
           when j.new_pauses = 0 then null
           when j.new_pauses > j.pauses
           then p_now + make_interval(secs => least(
             p_longest_ms, p_first_ms * 2 ^ least(j.new_pauses - 1, 30)) / 1000)
           else e.paused_until end
    from judged j where e.partner_id = j.partner_id and e.endpoint = j.endpoint
  returning e.partner_id, e.endpoint, e.pauses, j.pauses;
end $$;
