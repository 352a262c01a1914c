-- Events leave with the commit that made them true. No gap: (payment, sequence) counts 1, 2, 3 …
create table outbox (
  partner_id   text        not null,
  event_date   date        not null,
  reference_no text        not null,
  sequence     integer     not null check (sequence > 0),
  type         text        not null check (char_length(type) between 1 and 64),
  body         jsonb       not null,
  created_at   timestamptz not null,
  published_at timestamptz,
  primary key (partner_id, event_date, reference_no, sequence),
  foreign key (partner_id, reference_no) references payments
) partition by range (event_date);
