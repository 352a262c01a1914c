-- What an unbinding waits for when its customer is asked for a code first. Until the code is right the account stays as it is.
create table unbinding_codes (
  partner_id     varchar(64) not null,
  reference_no   varchar(32) not null,
  attempts       smallint    not null default 0 check (attempts between 0 and 5),
  -- Which attempt the network is being asked about.
  trying         smallint    check (trying between 1 and attempts),
  -- Unknown while the network has not said so.
  otp_expires_at timestamptz,
  -- Why it came to nothing.
  outcome        varchar(64),
  primary key (partner_id, reference_no),
  foreign key (partner_id, reference_no) references unbindings
);

-- Every code that was tried, as a keyed hash: a wrong one is not asked about twice, one whose answer was lost is asked about under
-- its own number, and a process that dies leaves the count.
create table unbinding_attempts (
  partner_id   varchar(64) not null,
  reference_no varchar(32) not null,
  attempt      smallint    not null check (attempt between 1 and 5),
  otp_lookup   digest_32   not null,
  is_wrong     boolean     not null default false,
  -- Whose request tried it last.
  external_id  varchar(64) not null,
  tried_at     timestamptz not null,
  primary key (partner_id, reference_no, attempt),
  unique (partner_id, reference_no, otp_lookup),
  foreign key (partner_id, reference_no) references unbinding_codes
);
create index unbindings_by_token on unbindings (partner_id, bank_card_token, created_at);
