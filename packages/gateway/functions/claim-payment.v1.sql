-- Claims a payment in one call on one shard: every statement names the partner.
--
-- Two claims of the same external id or of the same partner reference are ordered by advisory locks that are tried,
-- never waited for: a batch of claims of many partners must not stall or deadlock because two of them are twins.
-- `busy` asks the caller to try again after the other one's commit. A claim repeated with its own reference_no (the
-- commit of the first try was not acknowledged) finds itself.
create or replace function claim_payment_v1(
  p_partner_id text, p_request_date date, p_service_code text, p_external_id text, p_fingerprint bytea,
  p_reference_no text, p_partner_reference_no text, p_channel text, p_issuer_number text, p_amount_minor bigint,
  p_card_sealed text, p_card_lookup bytea, p_created_at timestamptz, p_due_at timestamptz, p_expires_at timestamptz,
  out kind text, out reply text)
language plpgsql as $$
declare
  seen record;
  live record;
begin
  if not pg_try_advisory_xact_lock(
           hashtextextended(concat_ws('|', p_partner_id, p_service_code, p_request_date, p_external_id), 1))
     or not pg_try_advisory_xact_lock(
           hashtextextended(concat_ws('|', p_partner_id, p_partner_reference_no), 2)) then
    kind := 'busy';
    return;
  end if;

  select r.fingerprint, r.reference_no, r.reply into seen
    from request_ids r
   where r.partner_id = p_partner_id and r.request_date = p_request_date
     and r.service_code = p_service_code and r.external_id = p_external_id;
  if found then
    kind := case
      when seen.reference_no = p_reference_no then 'claimed'
      when seen.fingerprint <> p_fingerprint then 'other-body'
      when seen.reply is null then 'running'
      else 'replay'
    end;
    if kind = 'replay' then reply := seen.reply; end if;
    return;
  end if;

  insert into payments (
    partner_id, reference_no, partner_reference_no, external_id, request_date, channel, issuer_number, amount_minor,
    card_sealed, card_lookup, state, created_at, expires_at, due_at)
  values (
    p_partner_id, p_reference_no, p_partner_reference_no, p_external_id, p_request_date, p_channel, p_issuer_number,
    p_amount_minor, p_card_sealed, p_card_lookup, 'submitted', p_created_at, p_expires_at, p_due_at)
  on conflict (partner_reference_no, partner_id, released) do nothing;
  if not found then
    select p.amount_minor = p_amount_minor and p.channel = p_channel and p.card_lookup = p_card_lookup as is_same into live
      from payments p
     where p.partner_id = p_partner_id and p.partner_reference_no = p_partner_reference_no and p.released = '';
    -- Nobody when the other attempt has failed between the two statements: the caller asks again, and is then first.
    kind := case
      when live is null then 'busy'
      when live.is_same then 'duplicate-reference'
      else 'inconsistent-reference'
    end;
    return;
  end if;

  insert into request_ids (partner_id, request_date, service_code, external_id, fingerprint, reference_no)
  values (p_partner_id, p_request_date, p_service_code, p_external_id, p_fingerprint, p_reference_no);
  kind := 'claimed';
end $$;
