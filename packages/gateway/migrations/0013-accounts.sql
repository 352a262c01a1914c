-- A hosted page belongs to a binding or to a payment, under one column and with a foreign key to each.
create type page_kind as enum ('binding', 'payment');

alter table page_sessions
  add column kind page_kind not null default 'binding',
  add column binding_no varchar(32) generated always as (case kind when 'binding' then reference_no end) stored,
  add column payment_no varchar(32) generated always as (case kind when 'payment' then reference_no end) stored,
  drop constraint page_sessions_partner_id_reference_no_fkey,
  add foreign key (partner_id, binding_no) references bindings,
  add foreign key (partner_id, payment_no) references payments;

create type binding_kind as enum ('card', 'account');
create type binding_step as enum ('otp', 'pin');

-- What is not used here is what PostgreSQL does not allow before this is committed: the two names are compared as texts below.
alter type binding_state add value 'otp_wanted' after 'unresolved';
alter type binding_state add value 'pin_wanted' after 'otp_sent';

alter table bindings
  add column kind binding_kind not null default 'card',
  -- Which code is waited for or was tried last. Attempts are counted anew for each.
  add column step binding_step not null default 'otp',
  add constraint bindings_stands_at_step check (
    case state::text when 'otp_wanted' then step = 'otp' when 'otp_sent' then step = 'otp' when 'pin_wanted' then step = 'pin'
      else true end);

drop index bindings_one_pending;
create unique index bindings_one_pending on bindings (partner_id, channel, card_lookup, cust_id_merchant)
  where state not in ('active', 'unbinding', 'inactive', 'failed', 'expired', 'blocked', 'cancelled');
-- An account belongs to one customer of the partner, from the moment in which it is asked for.
create unique index bindings_one_account on bindings (partner_id, channel, card_lookup)
  where kind = 'account' and state not in ('inactive', 'failed', 'expired', 'blocked', 'cancelled');

-- A PIN is worth more than a password that dies within minutes: its hash, keyed as it is, goes when the binding ends.
alter table otp_attempts
  add column step binding_step not null default 'otp',
  alter column otp_lookup drop not null,
  drop constraint otp_attempts_pkey,
  drop constraint otp_attempts_partner_id_reference_no_otp_lookup_key,
  add primary key (partner_id, reference_no, step, attempt),
  add unique (partner_id, reference_no, step, otp_lookup);
