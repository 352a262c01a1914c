-- Claims payments of one partner and one day in one call on one shard: every statement is simple and names the partner.
-- Each array has one element per payment; `n` in the answer is its place. What is done for many at once costs half of what
-- it costs one by one.
--
-- Two claims of the same external id or of the same partner reference are ordered by advisory locks that are tried,
-- never waited for: a batch of claims must not stall or deadlock because two of them are twins. `busy` asks the caller
-- to try again after the other one's commit. A claim repeated with its own reference_no (the commit of the first try was
-- not acknowledged) finds itself.
--
-- Plans are made once, on empty tables: `= any (array)` and `offset 0` leave the planner no other way than the keys.
create or replace function claim_payments_v1(
  p_partner_id text, p_request_date date, p_service_code text, p_external_id text[], p_fingerprint bytea[],
  p_reference_no text[], p_partner_reference_no text[], p_channel text[], p_issuer_number text[], p_amount_minor text[],
  p_card_sealed text[], p_card_lookup bytea[], p_created_at text[], p_due_at text[], p_expires_at text[])
returns table (n integer, kind text, reply text)
language plpgsql as $$
#variable_conflict use_column
declare
  first boolean[];
  seen text[];
  claimed text[];
begin
  -- Of twins in one batch the first one goes first.
  select array_agg(
           array_position(p_external_id, a.external_id) = a.n
           and pg_try_advisory_xact_lock(
             hashtextextended(concat_ws('|', p_partner_id, p_service_code, p_request_date, a.external_id), 1))
           and pg_try_advisory_xact_lock(
             hashtextextended(concat_ws('|', p_partner_id, a.partner_reference_no), 2)))
    into first
    from unnest(p_external_id, p_partner_reference_no) with ordinality as a (external_id, partner_reference_no, n);

  select array_agg(r.external_id) into seen
    from request_ids r
   where r.partner_id = p_partner_id and r.request_date = p_request_date and r.service_code = p_service_code
     and r.external_id = any (p_external_id);

  with claimed as (
    insert into payments (
      partner_id, reference_no, partner_reference_no, external_id, request_date, channel, issuer_number, amount_minor,
      card_sealed, card_lookup, state, created_at, expires_at, due_at)
    select p_partner_id, a.reference_no, a.partner_reference_no, a.external_id, p_request_date, a.channel,
           a.issuer_number, a.amount_minor::bigint, a.card_sealed, a.card_lookup, 'submitted',
           a.created_at::timestamptz, a.expires_at::timestamptz, a.due_at::timestamptz
      from unnest(
             first, p_external_id, p_reference_no, p_partner_reference_no, p_channel, p_issuer_number, p_amount_minor,
             p_card_sealed, p_card_lookup, p_created_at, p_due_at, p_expires_at)
        as a (is_first, external_id, reference_no, partner_reference_no, channel, issuer_number, amount_minor,
              card_sealed, card_lookup, created_at, due_at, expires_at)
     where a.is_first and (seen is null or a.external_id <> all (seen))
    on conflict (partner_reference_no, partner_id, released) do nothing
    returning reference_no
  )
  select array_agg(c.reference_no) into claimed from claimed c;

  insert into request_ids (partner_id, request_date, service_code, external_id, fingerprint, reference_no)
  select p_partner_id, p_request_date, p_service_code, a.external_id, a.fingerprint, a.reference_no
    from unnest(p_external_id, p_fingerprint, p_reference_no) as a (external_id, fingerprint, reference_no)
   where a.reference_no = any (claimed);

  if cardinality(claimed) = cardinality(p_reference_no) then
    kind := 'claimed';
    for place in 1 .. cardinality(p_reference_no) loop
      n := place;
      return next;
    end loop;
    return;
  end if;

  return query
  select a.n::integer,
         case
           when not a.is_first then 'busy'
           when a.reference_no = any (claimed) or r.reference_no = a.reference_no then 'claimed'
           when r.fingerprint <> a.fingerprint then 'other-body'
           when r.external_id is not null then case when r.reply is null then 'running' else 'replay' end
           -- Nobody when the other attempt has failed in between: the caller asks again, and is then first.
           when live.partner_id is null then 'busy'
           when live.amount_minor = a.amount_minor::bigint and live.channel = a.channel
             and live.card_lookup = a.card_lookup then 'duplicate-reference'
           else 'inconsistent-reference'
         end,
         case when r.reference_no <> a.reference_no and r.fingerprint = a.fingerprint then r.reply::text end
    from unnest(
           first, p_external_id, p_fingerprint, p_reference_no, p_partner_reference_no, p_channel, p_amount_minor,
           p_card_lookup) with ordinality
      as a (is_first, external_id, fingerprint, reference_no, partner_reference_no, channel, amount_minor, card_lookup, n)
    left join lateral (
      select r.* from request_ids r
       where r.partner_id = p_partner_id and r.request_date = p_request_date and r.service_code = p_service_code
         and r.external_id = a.external_id and a.external_id = any (seen)
      offset 0
    ) r on true
    left join lateral (
      select p.* from payments p
       where p.partner_id = p_partner_id and p.partner_reference_no = a.partner_reference_no and p.released = ''
      offset 0
    ) live on true;
end $$;
