-- When the latest access token of a customer ends. A token is signed alike whenever the same is signed, so this is all that it takes to
-- name a customer once more by the very token that its partner holds: the token itself stands nowhere.
create table customer_token_ends (
  partner_id varchar(64) not null,
  account_id varchar(32) not null,
  expires_at timestamptz not null,
  primary key (partner_id, account_id),
  foreign key (partner_id, account_id) references card_tokens (partner_id, account_id)
);

-- Which token names the customer in notifications to this partner: the one that was issued, the one that the partner issued to the
-- gateway, or none.
alter table partners
  add column notification_customer_token varchar(16) not null default 'issued'
    check (notification_customer_token in ('issued', 'merchantB2B', 'none'));
