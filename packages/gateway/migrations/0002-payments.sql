-- Types hold what one value must be, and one small function what a row must be: PostgreSQL keeps both ready, whereas it
-- reads the text of a table's checks anew in each statement. On the hot path that was more than half of a claim.
create type payment_state as enum ('submitted', 'waiting', 'unresolved', 'paid', 'declined', 'reversed');
create domain amount_minor as bigint check (value > 0);
create domain digest_32 as bytea check (octet_length(value) = 32);

-- Open means due, final means settled, answered has an outcome, paid names the network's booking, and only a failed
-- attempt releases the partner's reference.
create function payment_is_sound(
  state payment_state, due_at timestamptz, settled_at timestamptz, outcome varchar, network_reference_no varchar, released varchar)
returns boolean language plpgsql immutable as $$
begin
  return case state
    when 'submitted' then due_at is not null and settled_at is null and outcome is null and released = ''
    when 'waiting' then due_at is not null and settled_at is null and outcome is not null and released = ''
    when 'unresolved' then due_at is not null and settled_at is null and outcome is not null and released = ''
    when 'paid' then due_at is null and settled_at is not null and outcome is not null and released = ''
      and network_reference_no is not null
    else due_at is null and settled_at is not null and outcome is not null and released <> ''
  end;
end $$;

-- One row per payment that the network was, or may have been, told of. Amounts are sen of IDR, the only currency.
create table payments (
  partner_id           varchar(64)   not null references partners,
  reference_no         varchar(32)   not null,
  partner_reference_no varchar(64)   not null,
  released             varchar(32)   not null default '',
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
  constraint payments_is_sound check (payment_is_sound(state, due_at, settled_at, outcome, network_reference_no, released))
);

-- In these two the partner stands second: begun with it, a planner without statistics takes them for the primary key.
-- At most one attempt of a partner's reference is alive or paid: it is released ('') to nobody, a failed one to itself.
create unique index payments_one_live_attempt on payments (partner_reference_no, partner_id, released);
create index payments_by_external_id on payments (external_id, partner_id);
create index payments_due on payments (due_at) where due_at is not null;
