-- A card that a partner keeps: one row per partner and card, whoever of the partner's customers bound it. The card number and the
-- network's token are sealed under a key of the row's own, which is itself sealed by the vault: without it they are forgotten.
create type card_token_state as enum ('active', 'unbinding', 'inactive');

create table card_tokens (
  partner_id           varchar(64)      not null references partners,
  bank_card_token      varchar(32)      not null check (bank_card_token ~ '^[0-9a-f]{32}$'),
  -- What a customer's token names instead of the token above: whoever reads the one cannot pay with the other.
  account_id           varchar(32)      not null check (account_id ~ '^[0-9a-f]{32}$'),
  channel              varchar(64)      not null,
  card_lookup          digest_32        not null,
  issuer_number        varchar(8)       not null,
  last_four            varchar(4)       not null,
  state                card_token_state not null default 'active',
  data_key_sealed      varchar(256),
  card_sealed          varchar(256),
  network_token_sealed varchar(4096),
  created_at           timestamptz      not null,
  unbound_at           timestamptz,
  primary key (partner_id, bank_card_token),
  constraint card_tokens_forgotten check (
    case when state = 'inactive'
      then num_nonnulls(data_key_sealed, card_sealed, network_token_sealed) = 0 and unbound_at is not null
      else num_nulls(data_key_sealed, card_sealed, network_token_sealed) = 0 and unbound_at is null end)
);
create unique index card_tokens_one_live on card_tokens (partner_id, channel, card_lookup) where state <> 'inactive';
create unique index card_tokens_by_account on card_tokens (partner_id, account_id);
