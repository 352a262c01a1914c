-- V1 card once, V2 the same and keep it, V3 with a kept card, V4 with a kept card and without the cardholder.
create type payment_variant as enum ('V1', 'V2', 'V3', 'V4');
-- What became of the wish to keep the card, for V2 alone.
create type bind_state as enum ('wanted', 'bound', 'declined');

alter table payments
  -- A payment with a kept card has no number of its own: the card may be forgotten, the payment not.
  alter column card_sealed drop not null,
  add column variant payment_variant not null default 'V1',
  -- V3, V4: the card that was charged. V2: the token that it was given. By value, as no row of a card is ever deleted and the
  -- claim writes what it has found: a foreign key would lock and rewrite the card's row for every payment.
  add column bank_card_token varchar(32),
  add column bind_state bind_state,
  -- What the partner sent and wants to be told again: customer, line items, device, address, URL of its own. Null mostly.
  add column particulars json;
