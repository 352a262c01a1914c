-- Writes what is known of a payment, the reply that says so and the event that tells others: one call, one commit.
--
-- p_from lists the states from which p_state may be reached (payment/states.ts). Whoever comes second changes nothing
-- and gets the reply that stands. p_due_at is when to inquire next, null for a final state.
create or replace function settle_payment_v1(
  p_partner_id text, p_reference_no text, p_service_code text, p_from payment_state[], p_state payment_state, p_outcome text,
  p_network_reference_no text, p_network_code text, p_reply text,
  p_event_type text, p_event_date date, p_event_body json, p_now timestamptz, p_due_at timestamptz,
  out applied boolean, out state payment_state, out reply text)
language plpgsql as $$
declare
  row record;
begin
  update payments p
     set state = p_state,
         sequence = p.sequence + 1,
         outcome = p_outcome,
         network_reference_no = coalesce(p_network_reference_no, p.network_reference_no),
         network_code = coalesce(p_network_code, p.network_code),
         due_at = p_due_at,
         released = case when p_state in ('declined', 'reversed') then p_reference_no else '' end,
         settled_at = case when p_due_at is null then p_now end
   where p.partner_id = p_partner_id and p.reference_no = p_reference_no and p.state = any (p_from)
  returning p.request_date, p.external_id, p.sequence into row;
  applied := found;

  if applied then
    state := p_state;
    reply := p_reply;
    update request_ids r set reply = p_reply
     where r.partner_id = p_partner_id and r.request_date = row.request_date
       and r.service_code = p_service_code and r.external_id = row.external_id;
    insert into outbox (partner_id, event_date, reference_no, sequence, type, body, created_at)
    values (p_partner_id, p_event_date, p_reference_no, row.sequence, p_event_type, p_event_body, p_now);
    return;
  end if;

  select p.state, r.reply into state, reply
    from payments p
    left join request_ids r
      on r.partner_id = p_partner_id and r.request_date = p.request_date
     and r.service_code = p_service_code and r.external_id = p.external_id
   where p.partner_id = p_partner_id and p.reference_no = p_reference_no;
end $$;
