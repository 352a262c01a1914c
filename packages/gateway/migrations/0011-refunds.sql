create type refund_state as enum ('submitted', 'unresolved', 'refunded', 'failed');

-- How much of a paid payment its refunds hold: reserved by those that are done or under way, refunded by those that are done.
-- Its row is the one place where refunds of a payment meet, and the check holds whatever a program believes.
create table refund_balances (
  partner_id     varchar(64)  not null,
  reference_no   varchar(32)  not null,
  paid_minor     amount_minor not null,
  reserved_minor bigint       not null,
  refunded_minor bigint       not null default 0,
  primary key (partner_id, reference_no),
  foreign key (partner_id, reference_no) references payments,
  constraint refund_balances_within_paid check (
    0 <= refunded_minor and refunded_minor <= reserved_minor and reserved_minor <= paid_minor)
);

-- One row per refund that the network was, or may have been, told of. A failed one keeps its partner_refund_no for ever.
create table refunds (
  partner_id           varchar(64)  not null,
  refund_no            varchar(32)  not null,
  partner_refund_no    varchar(64)  not null,
  reference_no         varchar(32)  not null,
  external_id          varchar(64)  not null,
  request_date         date         not null,
  amount_minor         amount_minor not null,
  reason               varchar(255) not null default '',
  state                refund_state not null,
  sequence             integer      not null default 0,
  outcome              varchar(64),
  network_reference_no varchar(64),
  network_code         varchar(16),
  inquiries            integer      not null default 0,
  created_at           timestamptz  not null,
  expires_at           timestamptz  not null,
  due_at               timestamptz,
  settled_at           timestamptz,
  primary key (partner_id, refund_no),
  unique (partner_id, partner_refund_no),
  foreign key (partner_id, reference_no) references payments,
  -- Open means due, final means settled, answered has an outcome, refunded names the network's booking.
  constraint refunds_is_sound check (
    case state
      when 'submitted' then due_at is not null and settled_at is null and outcome is null
      when 'unresolved' then due_at is not null and settled_at is null and outcome is not null
      when 'refunded' then due_at is null and settled_at is not null and outcome is not null
        and network_reference_no is not null
      else due_at is null and settled_at is not null and outcome is not null end)
);
create index refunds_by_payment on refunds (partner_id, reference_no, created_at);
create index refunds_due on refunds (due_at) where due_at is not null;
