-- Claims payments of one partner and one day in one call on one shard: every statement is simple and names the partner.
-- Each array has one element per payment; `n` in the answer is its place. What is done for many at once costs half of what
-- it costs one by one.
--
-- Two claims of the same external id or of the same partner reference are ordered by advisory locks that are tried,
-- never waited for: a batch of claims must not stall or deadlock because two of them are twins. `busy` asks the caller
-- to try again after the other one's commit. A claim repeated with its own reference_no (the commit of the first try was
-- not acknowledged) finds itself.
--
-- A payment with a kept card gets its channel's card here: look-up and issuer come from the card's row, and the sealed card
-- goes back with the claim, so that it needs no question of its own. A card look-up that is empty is not given.
--
-- Plans are made once, on empty tables: `= any (array)` and `offset 0` leave the planner no other way than the keys.
create or replace function claim_payments_v2(
  p_partner_id text, p_request_date date, p_service_code text, p_external_id text[], p_fingerprint bytea[],
  p_reference_no text[], p_partner_reference_no text[], p_channel text[], p_variant text[], p_bank_card_token text[],
  p_issuer_number text[], p_amount_minor text[], p_card_sealed text[], p_card_lookup bytea[], p_particulars text[],
  p_created_at text[], p_due_at text[], p_expires_at text[])
returns table (n integer, kind text, reply text, data_key_sealed text, network_token_sealed text)
language plpgsql as $$
#variable_conflict use_column
declare
  first boolean[];
  seen text[];
  claimed text[];
  tokens text[] := array_remove(p_bank_card_token, null);
  -- One element per kept card: the token and what its row says.
  kept text[];
  kept_state text[];
  kept_channel text[];
  kept_issuer text[];
  kept_lookup bytea[];
  kept_data_key text[];
  kept_network_token text[];
  -- One element per payment: where its kept card stands in the arrays above, whose card is charged, and whether it may be.
  places integer[];
  issuers text[] := p_issuer_number;
  lookups bytea[] := p_card_lookup;
  chargeable boolean[];
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

  if cardinality(tokens) > 0 then
    select array_agg(t.bank_card_token), array_agg(t.state), array_agg(t.channel), array_agg(t.issuer_number),
           array_agg(t.card_lookup), array_agg(t.data_key_sealed), array_agg(t.network_token_sealed)
      into kept, kept_state, kept_channel, kept_issuer, kept_lookup, kept_data_key, kept_network_token
      from card_tokens t
     where t.partner_id = p_partner_id and t.bank_card_token = any (tokens);
    select array_agg(array_position(kept, a.token)) into places from unnest(p_bank_card_token) as a (token);
    select array_agg(coalesce(kept_issuer[a.place], a.issuer_number)),
           array_agg(coalesce(kept_lookup[a.place], a.card_lookup)),
           array_agg(a.token is null or coalesce(
             kept_state[a.place] = 'active' and kept_channel[a.place] = a.channel
               and a.card_lookup in ('', kept_lookup[a.place]), false))
      into issuers, lookups, chargeable
      from unnest(places, p_bank_card_token, p_channel, p_issuer_number, p_card_lookup)
        as a (place, token, channel, issuer_number, card_lookup);
  end if;

  select array_agg(r.external_id) into seen
    from request_ids r
   where r.partner_id = p_partner_id and r.request_date = p_request_date and r.service_code = p_service_code
     and r.external_id = any (p_external_id);

  with claimed as (
    insert into payments (
      partner_id, reference_no, partner_reference_no, external_id, request_date, channel, variant, bank_card_token,
      bind_state, issuer_number, amount_minor, card_sealed, card_lookup, particulars, state, created_at, expires_at, due_at)
    select p_partner_id, a.reference_no, a.partner_reference_no, a.external_id, p_request_date, a.channel,
           a.variant::payment_variant, a.token, case a.variant when 'V2' then 'wanted'::bind_state end, a.issuer_number,
           a.amount_minor::bigint, a.card_sealed, a.card_lookup, a.particulars::json, 'submitted',
           a.created_at::timestamptz, a.expires_at::timestamptz, a.due_at::timestamptz
      from unnest(
             first, p_external_id, p_reference_no, p_partner_reference_no, p_channel, p_variant, p_bank_card_token,
             issuers, p_amount_minor, p_card_sealed, lookups, p_particulars, p_created_at, p_due_at, p_expires_at, chargeable)
        as a (is_first, external_id, reference_no, partner_reference_no, channel, variant, token, issuer_number,
              amount_minor, card_sealed, card_lookup, particulars, created_at, due_at, expires_at, is_chargeable)
     where a.is_first and (seen is null or a.external_id <> all (seen)) and (chargeable is null or a.is_chargeable)
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
      data_key_sealed := kept_data_key[places[place]];
      network_token_sealed := kept_network_token[places[place]];
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
           -- Before the card: of a payment that was made nobody is told that its card, which has gone since, cannot be charged.
           when live.partner_id is not null then case
             when live.amount_minor = a.amount_minor::bigint and live.channel = a.channel
               and live.card_lookup = a.card_lookup and a.given_lookup in ('', live.card_lookup)
               and live.variant = a.variant::payment_variant then 'duplicate-reference'
             else 'inconsistent-reference' end
           when a.token is not null and kept_channel[array_position(kept, a.token)] is distinct from a.channel
             then 'unknown-card'
           when a.token is not null and kept_state[array_position(kept, a.token)] <> 'active' then 'inactive-card'
           when a.given_lookup not in ('', a.card_lookup) then 'other-card'
           -- The other attempt has failed in between: the caller asks again, and is then first.
           else 'busy'
         end,
         case when r.reference_no <> a.reference_no and r.fingerprint = a.fingerprint then r.reply::text end,
         kept_data_key[array_position(kept, a.token)],
         kept_network_token[array_position(kept, a.token)]
    from unnest(
           first, p_external_id, p_fingerprint, p_reference_no, p_partner_reference_no, p_channel, p_variant,
           p_bank_card_token, p_amount_minor, p_card_lookup, lookups) with ordinality
      as a (is_first, external_id, fingerprint, reference_no, partner_reference_no, channel, variant, token, amount_minor,
            given_lookup, card_lookup, n)
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
