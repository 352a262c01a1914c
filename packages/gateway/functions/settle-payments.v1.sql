-- Writes what is known of payments that one partner asked for on one day, the replies that say so and the events that tell others: one call, one
-- commit. Each array has one element per payment; `n` in the answer is its place.
--
-- p_from lists the states from which p_state may be reached (payment/states.ts). Whoever comes second changes nothing
-- and gets the state and the reply that stand; a line with `applied` outranks another one of the same `n`.
-- p_due_at is when to inquire next, null for a final state.
--
-- Plans are made once, on empty tables: `= any (array)` leaves the planner no other way than the keys.
create or replace function settle_payments_v1(
  p_partner_id text, p_request_date date, p_service_code text, p_reference_no text[], p_external_id text[],
  p_from text[], p_state text[], p_outcome text[],
  p_network_reference_no text[], p_network_code text[], p_reply text[],
  p_event_type text[], p_event_date text[], p_event_body text[], p_now text[], p_due_at text[])
returns table (n integer, applied boolean, state payment_state, reply text)
language plpgsql as $$
#variable_conflict use_column
declare
  count_moved bigint;
begin
  return query
  with moved as (
    update payments p
       set state = a.state::payment_state,
           sequence = p.sequence + 1,
           outcome = a.outcome,
           network_reference_no = coalesce(a.network_reference_no, p.network_reference_no),
           network_code = coalesce(a.network_code, p.network_code),
           due_at = a.due_at::timestamptz,
           released = case when a.state in ('declined', 'reversed') then a.reference_no else '' end,
           settled_at = case when a.due_at is null then a.now::timestamptz end
      from unnest(
             p_reference_no, p_from, p_state, p_outcome, p_network_reference_no, p_network_code, p_reply,
             p_event_type, p_event_date, p_event_body, p_now, p_due_at) with ordinality
        as a (reference_no, "from", state, outcome, network_reference_no, network_code, reply,
              event_type, event_date, event_body, now, due_at, n)
     where p.partner_id = p_partner_id and p.reference_no = any (p_reference_no)
       and p.reference_no = a.reference_no and p.state = any (a."from"::payment_state[])
    returning a.n, p.reference_no, p.external_id, p.sequence, a.reply, a.event_type,
              a.event_date::date, a.event_body::json, a.now::timestamptz
  ), noted as (
    update request_ids r set reply = m.reply
      from moved m
     where r.partner_id = p_partner_id and r.request_date = p_request_date and r.service_code = p_service_code
       and r.external_id = any (p_external_id) and r.external_id = m.external_id
  ), told as (
    insert into outbox (partner_id, event_date, reference_no, sequence, type, body, created_at)
    select p_partner_id, m.event_date, m.reference_no, m.sequence, m.event_type, m.event_body, m.now from moved m
  )
  select m.n::integer, true, null::payment_state, null::text from moved m;
  get diagnostics count_moved = row_count;
  if count_moved = cardinality(p_reference_no) then return; end if;

  -- A statement of its own: it sees what the others, for whom the first one may have waited, have committed.
  return query
  select a.n::integer, false,
         (select p.state from payments p where p.partner_id = p_partner_id and p.reference_no = a.reference_no),
         (select r.reply::text from request_ids r
           where r.partner_id = p_partner_id and r.request_date = p_request_date and r.service_code = p_service_code
             and r.external_id = a.external_id)
    from unnest(p_reference_no, p_external_id) with ordinality as a (reference_no, external_id, n);
end $$;
