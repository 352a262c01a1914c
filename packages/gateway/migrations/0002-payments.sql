-- One row per payment that the network was, or may have been, told of.
create table payments (
  partner_id           text        not null references partners,
  reference_no         text        not null check (reference_no ~ '^[0-9]{32}$'),
  partner_reference_no text        not null check (char_length(partner_reference_no) between 1 and 64),
  external_id          text        not null check (char_length(external_id) between 1 and 64),
  request_date         date        not null,
  channel              text        not null check (char_length(channel) between 1 and 64),
  issuer_number        text        not null check (issuer_number ~ '^[0-9]{8}$'),
  amount_minor         bigint      not null check (amount_minor > 0),
  currency             text        not null default 'IDR' check (currency = 'IDR'),
  card_sealed          text        not null check (char_length(card_sealed) <= 256),
  card_lookup          bytea       not null check (octet_length(card_lookup) = 32),
  state                text        not null
    check (state in ('submitted', 'waiting', 'unresolved', 'paid', 'declined', 'reversed')),
  sequence             integer     not null default 0 check (sequence >= 0),
  outcome              text        check (char_length(outcome) <= 64),
  network_reference_no text        check (char_length(network_reference_no) <= 64),
  network_code         text        check (char_length(network_code) <= 16),
  inquiries            integer     not null default 0 check (inquiries >= 0),
  created_at           timestamptz not null,
  expires_at           timestamptz not null,
  due_at               timestamptz,
  settled_at           timestamptz,
  primary key (partner_id, reference_no),
  constraint payments_final_is_settled check ((state in ('paid', 'declined', 'reversed')) = (settled_at is not null)),
  constraint payments_open_is_due      check ((settled_at is null) = (due_at is not null)),
  constraint payments_paid_is_proven   check (state <> 'paid' or network_reference_no is not null),
  constraint payments_answered_has_outcome check ((state = 'submitted') = (outcome is null))
);

-- At most one attempt of a partner's reference can be alive or paid; a definite failure frees it.
create unique index payments_one_live_attempt on payments (partner_id, partner_reference_no)
  where state not in ('declined', 'reversed');
create index payments_by_partner_reference on payments (partner_id, partner_reference_no);
create index payments_by_external_id on payments (partner_id, external_id);
create index payments_due on payments (due_at) where due_at is not null;
