create type binding_state as enum (
  'submitted', 'unresolved', 'otp_sent', 'verifying', 'active', 'failed', 'expired', 'blocked', 'cancelled', 'unbinding',
  'inactive');

-- One row per request to keep a card for a customer of the partner. The card number is sealed here until the binding is final.
create table bindings (
  partner_id           varchar(64)   not null references partners,
  reference_no         varchar(32)   not null,
  external_id          varchar(64)   not null,
  request_date         date          not null,
  partner_reference_no varchar(64),
  journey_id           varchar(64),
  channel              varchar(64)   not null,
  flow                 varchar(3)    not null check (flow in ('DH', 'H2H')),
  cust_id_merchant     varchar(64)   not null,
  card_lookup          digest_32     not null,
  card_sealed          varchar(256),
  issuer_number        varchar(8)    not null,
  last_four            varchar(4)    not null,
  phone_masked         varchar(24),
  auth_code_lookup     digest_32     not null,
  success_url          varchar(1024),
  failed_url           varchar(1024),
  state                binding_state not null,
  sequence             integer       not null default 0,
  outcome              varchar(64),
  network_reference_no varchar(64),
  network_code         varchar(16),
  bank_card_token      varchar(32),
  attempts             smallint      not null default 0 check (attempts between 0 and 5),
  -- Which attempt the network is being asked about.
  trying               smallint check (trying between 1 and 5),
  resends              smallint      not null default 0 check (resends between 0 and 3),
  -- When the last code was asked for; and when it dies, unknown while the network has not said so.
  otp_sent_at          timestamptz,
  otp_expires_at       timestamptz,
  inquiries            integer       not null default 0,
  created_at           timestamptz   not null,
  expires_at           timestamptz   not null,
  due_at               timestamptz,
  settled_at           timestamptz,
  primary key (partner_id, reference_no),
  foreign key (partner_id, bank_card_token) references card_tokens (partner_id, bank_card_token),
  constraint bindings_is_sound check (
    case
      when state in ('active', 'unbinding', 'inactive') then bank_card_token is not null and card_sealed is null
      when state in ('failed', 'expired', 'blocked', 'cancelled') then card_sealed is null and due_at is null
      else card_sealed is not null and due_at is not null and settled_at is null end),
  constraint bindings_tries_one check ((state = 'verifying') = (trying is not null))
);
create unique index bindings_one_live on bindings (partner_id, channel, card_lookup, cust_id_merchant)
  where state in ('active', 'unbinding');
create unique index bindings_one_pending on bindings (partner_id, channel, card_lookup, cust_id_merchant)
  where state in ('submitted', 'unresolved', 'otp_sent', 'verifying');
create unique index bindings_by_auth_code on bindings (partner_id, auth_code_lookup);
create index bindings_by_partner_reference on bindings (partner_id, partner_reference_no) where partner_reference_no is not null;
create index bindings_by_journey on bindings (partner_id, journey_id) where journey_id is not null;
create index bindings_by_token on bindings (partner_id, bank_card_token) where bank_card_token is not null;
create index bindings_due on bindings (due_at) where due_at is not null;

-- Every one-time password that was tried, as a keyed hash: a wrong one is not asked about twice, one whose answer was lost is
-- asked about under its own number, and a process that dies leaves the count.
create table otp_attempts (
  partner_id   varchar(64) not null,
  reference_no varchar(32) not null,
  attempt      smallint    not null check (attempt between 1 and 5),
  otp_lookup   digest_32   not null,
  is_wrong     boolean     not null default false,
  -- Whose request tried it last; null on the hosted page.
  external_id  varchar(64),
  tried_at     timestamptz not null,
  primary key (partner_id, reference_no, attempt),
  unique (partner_id, reference_no, otp_lookup),
  foreign key (partner_id, reference_no) references bindings
);

-- A hosted page that was handed out. Its id is in the address only; here it stands hashed, and so does the cookie of the
-- browser that came first.
create table page_sessions (
  partner_id     varchar(64) not null,
  session_lookup digest_32   not null,
  reference_no   varchar(32) not null,
  cookie_lookup  digest_32,
  created_at     timestamptz not null,
  expires_at     timestamptz not null,
  primary key (partner_id, session_lookup),
  foreign key (partner_id, reference_no) references bindings
);
create index page_sessions_by_binding on page_sessions (partner_id, reference_no);
