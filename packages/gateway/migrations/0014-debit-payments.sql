-- A wallet asks its customer on a page of its own, and nothing is kept.
alter type payment_variant add value 'V5';
-- A paid payment that was called off.
alter type notification_kind add value 'cancellation';

create type payment_step as enum ('otp', 'pin', 'app');

-- What the customer of a payment has to do next: one row per payment that a bank or wallet waits for.
create table payment_steps (
  partner_id      varchar(64)  not null,
  reference_no    varchar(32)  not null,
  step            payment_step not null,
  -- Codes tried in this step, and which of them the network is being asked about, until when at most.
  attempts        smallint     not null default 0 check (attempts between 0 and 5),
  trying          smallint     check (trying between 1 and 5),
  trying_until    timestamptz,
  -- Codes that were asked for anew. A new one has a life of its own.
  resends         smallint     not null default 0 check (resends between 0 and 3),
  otp_sent_at     timestamptz,
  otp_expires_at  timestamptz,
  -- The network's own page.
  redirect_sealed varchar(4096),
  primary key (partner_id, reference_no),
  foreign key (partner_id, reference_no) references payments,
  constraint payment_steps_tries_one check ((trying is null) = (trying_until is null))
);

-- Every code that was tried, as a keyed hash: a wrong one is not asked about twice, one whose answer was lost is asked about under
-- its own number, and a process that dies leaves the count.
create table payment_attempts (
  partner_id   varchar(64)  not null,
  reference_no varchar(32)  not null,
  step         payment_step not null check (step <> 'app'),
  attempt      smallint     not null check (attempt between 1 and 5),
  -- Of a PIN it goes when the payment ends: a PIN is worth more than a password that dies within minutes.
  code_lookup  digest_32,
  is_wrong     boolean      not null default false,
  -- Whose request tried it last; null on the hosted page.
  external_id  varchar(64),
  tried_at     timestamptz  not null,
  primary key (partner_id, reference_no, step, attempt),
  unique (partner_id, reference_no, step, code_lookup),
  foreign key (partner_id, reference_no) references payment_steps
);

create type cancellation_state as enum ('submitted', 'unresolved', 'cancelled', 'refused');

-- One row per wish to call a payment off. While it is open, and when it is done, it holds the whole amount in refund_balances: so no
-- refund can be made beside it, and it cannot be made beside a refund.
create table cancellations (
  partner_id   varchar(64)        not null,
  cancel_no    varchar(32)        not null,
  reference_no varchar(32)        not null,
  -- Null when the customer called it off on the hosted page.
  external_id  varchar(64),
  request_date date               not null,
  reason       varchar(255)       not null default '',
  state        cancellation_state not null,
  sequence     integer            not null default 0,
  outcome      varchar(64),
  network_code varchar(16),
  inquiries    integer            not null default 0,
  created_at   timestamptz        not null,
  due_at       timestamptz,
  settled_at   timestamptz,
  primary key (partner_id, cancel_no),
  foreign key (partner_id, reference_no) references payments,
  constraint cancellations_is_sound check (
    case state
      when 'submitted' then due_at is not null and settled_at is null and outcome is null
      when 'unresolved' then due_at is not null and settled_at is null and outcome is not null
      else due_at is null and settled_at is not null and outcome is not null end)
);
create unique index cancellations_one_live on cancellations (partner_id, reference_no) where state <> 'refused';
create index cancellations_due on cancellations (due_at) where due_at is not null;
