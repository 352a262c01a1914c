-- Under which journey of the partner's the code of a payment is asked for and given. Written when the bank has first answered: what it
-- was never asked waits for no code.
create table payment_journeys (
  partner_id   varchar(64) not null,
  journey_id   varchar(64) not null,
  reference_no varchar(32) not null,
  primary key (partner_id, journey_id, reference_no),
  foreign key (partner_id, reference_no) references payments
);

-- The open payments of a card, for whoever names the card alone.
create index payments_open_by_card on payments (partner_id, bank_card_token)
  where due_at is not null and variant = 'V3' and bank_card_token is not null;
