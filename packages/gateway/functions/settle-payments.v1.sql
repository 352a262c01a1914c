-- Writes what is known of payments that one partner asked for on one day, the replies that say so and the events that tell
-- others: one call, one commit. Each array has one element per payment; `n` in the answer is its place.
--
-- p_from lists the states from which p_state may be reached (payment/states.ts). Whoever comes second changes nothing
-- and gets the state and the reply that stand; a line with `applied` outranks another one of the same `n`.
-- p_due_at is when to inquire next, null for a final state.
--
-- Plans are made once, on empty tables: `= any (array)` leaves the planner no other way than the keys. Of two settlements
-- of the same payment in one batch array_position finds the first.
create or replace function settle_payments_v1(
  p_partner_id text, p_request_date date, p_service_code text, p_reference_no text[], p_external_id text[],
  p_from text[], p_state text[], p_outcome text[], p_network_reference_no text[], p_network_code text[], p_reply text[],
  p_event_type text[], p_event_date text[], p_event_body text[], p_now text[], p_due_at text[])
returns table (n integer, applied boolean, state payment_state, reply text)
language plpgsql as $$
#variable_conflict use_column
declare
  places integer[];
  sequences integer[];
  external_ids text[];
begin
  with moved as (
    update payments p
       set state = p_state[array_position(p_reference_no, p.reference_no::text)]::payment_state,
           sequence = p.sequence + 1,
           outcome = p_outcome[array_position(p_reference_no, p.reference_no::text)],
           network_reference_no = coalesce(
             p_network_reference_no[array_position(p_reference_no, p.reference_no::text)], p.network_reference_no),
           network_code = coalesce(
             p_network_code[array_position(p_reference_no, p.reference_no::text)], p.network_code),
           due_at = p_due_at[array_position(p_reference_no, p.reference_no::text)]::timestamptz,
           released = case
             when p_state[array_position(p_reference_no, p.reference_no::text)] in ('declined', 'reversed')
             then p.reference_no else '' end,
           settled_at = case
             when p_due_at[array_position(p_reference_no, p.reference_no::text)] is null
             then p_now[array_position(p_reference_no, p.reference_no::text)]::timestamptz end
     where p.partner_id = p_partner_id and p.reference_no = any (p_reference_no)
       and p.state = any (p_from[array_position(p_reference_no, p.reference_no::text)]::payment_state[])
    returning p.external_id, p.sequence, array_position(p_reference_no, p.reference_no::text) as place
  )
  select array_agg(m.place), array_agg(m.sequence), array_agg(m.external_id)
    into places, sequences, external_ids from moved m;

  update request_ids r
     set reply = p_reply[array_position(p_external_id, r.external_id::text)]
   where r.partner_id = p_partner_id and r.request_date = p_request_date and r.service_code = p_service_code
     and r.external_id = any (external_ids);

  insert into outbox (partner_id, event_date, reference_no, sequence, type, body, created_at)
  select p_partner_id, p_event_date[m.place]::date, p_reference_no[m.place], m.sequence, p_event_type[m.place],
         p_event_body[m.place]::json, p_now[m.place]::timestamptz
    from unnest(places, sequences) as m (place, sequence);

  applied := true;
  for at in 1 .. coalesce(cardinality(places), 0) loop
    n := places[at];
    return next;
  end loop;
  if cardinality(places) = cardinality(p_reference_no) then return; end if;

  -- A statement of its own: it sees what the others, for whom the first one may have waited, have committed.
  return query
  select a.n::integer, false,
         (select p.state from payments p where p.partner_id = p_partner_id and p.reference_no = a.reference_no),
         (select r.reply::text from request_ids r
           where r.partner_id = p_partner_id and r.request_date = p_request_date and r.service_code = p_service_code
             and r.external_id = a.external_id)
    from unnest(p_reference_no, p_external_id) with ordinality as a (reference_no, external_id, n);
end $$;
