-- Types hold what one value must be: PostgreSQL keeps their rules ready, whereas it reads every check of a table anew
-- in each statement. On the hot path that difference is more than half of a claim. A check is for what no type can say.
create type payment_state as enum ('submitted', 'waiting', 'unresolved', 'paid', 'declined', 'reversed');
create domain amount_minor as bigint check (value > 0);
create domain digest_32 as bytea check (octet_length(value) = 32);

-- One row per payment that the network was, or may have been, told of. Amounts are sen of IDR, the only currency.
create table payments (
  partner_id           varchar(64)   not null references partners,
  reference_no         varchar(32)   not null,
  partner_reference_no varchar(64)   not null,
  external_id          varchar(64)   not null,
  request_date         date          not null,
  channel              varchar(64)   not null,
  issuer_number        varchar(8)    not null,
  amount_minor         amount_minor  not null,
  card_sealed          varchar(256)  not null,
  card_lookup          digest_32     not null,
  state                payment_state not null,
  sequence             integer       not null default 0,
  outcome              varchar(64),
  network_reference_no varchar(64),
  network_code         varchar(16),
  inquiries            integer       not null default 0,
  created_at           timestamptz   not null,
  expires_at           timestamptz   not null,
  due_at               timestamptz,
  settled_at           timestamptz,
  primary key (partner_id, reference_no),
  -- Open means due, final means settled, paid means that the network named its booking, answered has an outcome.
  constraint payments_state_is_true check (
    case state
      when 'submitted' then due_at is not null and settled_at is null and outcome is null
      when 'waiting' then due_at is not null and settled_at is null and outcome is not null
      when 'unresolved' then due_at is not null and settled_at is null and outcome is not null
      when 'paid' then due_at is null and settled_at is not null and outcome is not null and network_reference_no is not null
      else due_at is null and settled_at is not null and outcome is not null
    end)
);

-- At most one attempt of a partner's reference can be alive or paid; a definite failure frees it.
create unique index payments_one_live_attempt on payments (partner_id, partner_reference_no)
  where state not in ('declined', 'reversed');
create index payments_by_partner_reference on payments (partner_id, partner_reference_no);
create index payments_by_external_id on payments (partner_id, external_id);
create index payments_due on payments (due_at) where due_at is not null;
