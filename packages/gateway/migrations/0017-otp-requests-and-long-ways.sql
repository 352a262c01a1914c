-- How many codes the network was asked for, whatever it said: what bounds it must not depend on its answers. The fourth is the first
-- one of a channel that sends none unasked.
alter table bindings
  add column otp_requests smallint not null default 0 check (otp_requests between 0 and 4);
update bindings set otp_requests = resends where resends > 0 and due_at is not null;
alter table payment_steps
  add column otp_requests smallint not null default 0 check (otp_requests between 0 and 4);
update payment_steps set otp_requests = resends where resends > 0;

-- Each of them, and what stood before: so a request whose process died can be told what came of it. It belongs to a binding or to a
-- payment, with a foreign key to each.
create table otp_requests (
  partner_id     varchar(64) not null,
  reference_no   varchar(32) not null,
  number         smallint    not null check (number between 1 and 4),
  kind           varchar(7)  not null check (kind in ('binding', 'payment')),
  binding_no     varchar(32) generated always as (case kind when 'binding' then reference_no end) stored,
  payment_no     varchar(32) generated always as (case kind when 'payment' then reference_no end) stored,
  -- Whose request it was; null on the hosted page.
  external_id    varchar(64),
  -- No code had been sent before.
  is_first       boolean     not null,
  -- When the code before was to die, unknown while the network had not said so.
  otp_expires_at timestamptz,
  asked_at       timestamptz not null,
  primary key (partner_id, reference_no, number),
  foreign key (partner_id, binding_no) references bindings,
  foreign key (partner_id, payment_no) references payment_steps
);

-- An address of 2,048 characters stands in a reply twice, each character as two at most, and what is sealed is a third longer.
alter table request_ids alter column reply type varchar(16384);
