-- A hosted page belongs to a binding or to a payment, under one column and with a foreign key to each.
create type page_kind as enum ('binding', 'payment');

alter table page_sessions
  add column kind page_kind not null default 'binding',
  add column binding_no varchar(32) generated always as (case kind when 'binding' then reference_no end) stored,
  add column payment_no varchar(32) generated always as (case kind when 'payment' then reference_no end) stored,
  drop constraint page_sessions_partner_id_reference_no_fkey,
  add foreign key (partner_id, binding_no) references bindings,
  add foreign key (partner_id, payment_no) references payments;
