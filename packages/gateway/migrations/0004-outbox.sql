create domain event_sequence as integer check (value > 0);

-- Events leave with the commit that made them true. No gap: (payment, sequence) counts 1, 2, 3 …
-- No foreign key to payments, for the reason that request_ids has none.
create table outbox (
  partner_id   varchar(64)    not null,
  event_date   date           not null,
  reference_no varchar(32)    not null,
  sequence     event_sequence not null,
  type         varchar(64)    not null,
  body         json           not null,
  created_at   timestamptz    not null,
  published_at timestamptz,
  primary key (partner_id, event_date, reference_no, sequence)
) partition by range (event_date);
