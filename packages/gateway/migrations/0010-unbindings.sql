create type unbinding_state as enum ('requested', 'unresolved', 'completed', 'failed');

-- One row per wish to forget a kept card. The partner is answered at once; the network is told by whoever takes what is due.
create table unbindings (
  partner_id           varchar(64)     not null references partners,
  reference_no         varchar(32)     not null,
  partner_reference_no varchar(64),
  channel              varchar(64)     not null,
  bank_card_token      varchar(32)     not null,
  state                unbinding_state not null default 'requested',
  network_code         varchar(16),
  tries                integer         not null default 0,
  created_at           timestamptz     not null,
  due_at               timestamptz,
  settled_at           timestamptz,
  primary key (partner_id, reference_no),
  foreign key (partner_id, bank_card_token) references card_tokens (partner_id, bank_card_token),
  constraint unbindings_is_sound check (
    case when state in ('requested', 'unresolved') then due_at is not null and settled_at is null
      else due_at is null and settled_at is not null end)
);
create unique index unbindings_one_open on unbindings (partner_id, bank_card_token) where state in ('requested', 'unresolved');
create index unbindings_due on unbindings (due_at) where due_at is not null;
