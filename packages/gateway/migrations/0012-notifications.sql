-- Each event says which transaction wrote it, so that a reader loses none: it reads up to the oldest transaction that still
-- runs, and no commit can put an event behind it any more. What was written before this migration counts as read.
alter table outbox
  drop column published_at,
  add column xid xid8 not null default pg_current_xact_id();
create index outbox_by_xid on outbox (xid);

create table outbox_readers (
  reader     varchar(32) primary key,
  read_up_to xid8        not null
);
insert into outbox_readers (reader, read_up_to) values ('notifications', pg_current_xact_id());

create type notification_kind as enum ('payment', 'refund', 'binding');
create type notification_state as enum ('pending', 'delivered', 'given-up');

-- Where a partner is told things: scheme, host and port. A partner who is down is one row that is not looked at.
create table notification_endpoints (
  partner_id   varchar(64)  not null references partners,
  endpoint     varchar(300) not null,
  -- Never later than the first thing to do here; infinity when there is none.
  due_at       timestamptz  not null,
  visited_at   timestamptz  not null,
  -- In a row without an answer; and how often it was left in peace since, each time for longer. 0: it is not.
  failures     integer      not null default 0,
  pauses       integer      not null default 0,
  paused_until timestamptz,
  primary key (partner_id, endpoint)
);
create index notification_endpoints_due on notification_endpoints (due_at);

-- What partners are told. The body is made when it is sent, from the payment or the binding: no token stands here.
-- Not by day, unlike the attempts: what is due is found by one look into one index, however old it is.
-- No foreign key to endpoints: it would lock their rows against those who take work from them.
create table notifications (
  partner_id          varchar(64)        not null references partners,
  notification_no     bigint             generated always as identity,
  -- The event.
  reference_no        varchar(32)        not null,
  sequence            event_sequence     not null,
  kind                notification_kind  not null,
  -- The payment or the binding that it is about: what is said of one is said in order.
  subject_no          varchar(32)        not null,
  url                 varchar(1024),
  endpoint            varchar(300),
  state               notification_state not null,
  -- Why it was given up.
  reason              varchar(200),
  -- Those of the schedule; a resend is none.
  attempts            smallint           not null default 0,
  first_attempt_at    timestamptz,
  next_attempt_at     timestamptz,
  resend_requested_at timestamptz,
  -- When to look at it: for its next attempt, for a resend, or again because an earlier one of its subject goes first.
  due_at              timestamptz,
  -- Who took it may write its end, until this time by the database's clock, and only as the last taker.
  leased_until        timestamptz,
  takings             integer            not null default 0,
  created_at          timestamptz        not null,
  settled_at          timestamptz,
  primary key (partner_id, notification_no),
  unique (partner_id, reference_no, sequence),
  constraint notifications_is_sound check (
    (state = 'pending') = (next_attempt_at is not null)
    and (state = 'pending') = (settled_at is null)
    and (due_at is not null) = (state = 'pending' or resend_requested_at is not null)
    and (due_at is null or (url is not null and endpoint is not null)))
) with (fillfactor = 70);
create index notifications_due on notifications (partner_id, endpoint, due_at, notification_no) where due_at is not null;
create index notifications_due_of_subject on notifications (partner_id, subject_no, notification_no) where due_at is not null;
create index notifications_by_age on notifications (partner_id, created_at);

-- Every time that something was sent, or could not be. Tokens and codes are masked.
create table notification_attempts (
  partner_id      varchar(64) not null,
  notification_no bigint      not null,
  taking          integer     not null,
  attempt_date    date        not null,
  attempted_at    timestamptz not null,
  is_resend       boolean     not null,
  url             varchar(1024) not null,
  latency_ms      integer     not null,
  status          smallint,
  reason          varchar(200),
  request_headers json        not null,
  request_body    text        not null,
  response_body   varchar(4096),
  primary key (partner_id, notification_no, taking, attempt_date)
) partition by range (attempt_date);
