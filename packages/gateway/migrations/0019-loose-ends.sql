create type surplus_state as enum ('requested', 'unresolved', 'forgotten', 'refused', 'withdrawn');

-- Tokens that the network gave beside the one that a kept card is paid with: the one before, or one that came while the card was
-- leaving or for a binding that was lost. Each is told to be forgotten under a number of its own. What is in use again is withdrawn.
create table surplus_tokens (
  partner_id      varchar(64)   not null references partners,
  surplus_no      varchar(32)   not null check (surplus_no ~ '^[0-9a-f]{32}$'),
  -- Under which the network is told; another one once it has refused.
  reference_no    varchar(32)   not null,
  channel         varchar(64)   not null,
  -- Null where no card is kept that it belongs to.
  bank_card_token varchar(32),
  token_lookup    digest_32     not null,
  token_sealed    varchar(4096),
  state           surplus_state not null default 'requested',
  network_code    varchar(16),
  tries           integer       not null default 0,
  -- When the network was to forget it: again after it refused.
  wanted_at       timestamptz   not null,
  due_at          timestamptz,
  settled_at      timestamptz,
  -- When somebody was told that the network says nothing clear.
  alerted_at      timestamptz,
  primary key (partner_id, surplus_no),
  unique (partner_id, reference_no),
  foreign key (partner_id, bank_card_token) references card_tokens (partner_id, bank_card_token),
  constraint surplus_tokens_is_sound check (
    case when state in ('requested', 'unresolved') then due_at is not null and settled_at is null
      else due_at is null and settled_at is not null end),
  constraint surplus_tokens_forgotten check ((state in ('forgotten', 'withdrawn')) = (token_sealed is null))
);
create unique index surplus_tokens_one_alive on surplus_tokens (partner_id, token_lookup) where token_sealed is not null;
create index surplus_tokens_due on surplus_tokens (due_at) where due_at is not null;
create index surplus_tokens_refused on surplus_tokens (partner_id, bank_card_token) where state = 'refused';

-- When somebody was told that the network says nothing clear about it.
alter table cancellations add column alerted_at timestamptz;
