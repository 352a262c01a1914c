-- What an operator sets for a partner. The version counts its changes, so that two operators do not undo each other's.
alter table partners
  add column version integer not null default 1,
  -- Null: as the settings say. 0: no limit.
  add column requests_per_second integer check (requests_per_second between 0 and 100000),
  add column request_burst integer check (request_burst between 1 and 200000),
  add column tokens_per_second integer check (tokens_per_second between 0 and 100000);

create type partner_key_kind as enum ('public', 'secret', 'shared');

-- Keys of a partner. `public-1` verifies requests for tokens, `secret-1` all others, `shared-1` opens card data. A key without an end is
-- the one to use; an earlier one serves beside it until its own end, and what is secret of it is then forgotten.
create table partner_keys (
  partner_id     varchar(64)      not null references partners,
  key_id         varchar(32)      not null,
  kind           partner_key_kind not null,
  public_key_pem varchar(4096),
  secret_sealed  varchar(1024),
  created_at     timestamptz      not null,
  valid_until    timestamptz,
  -- To the minute.
  last_used_at   timestamptz,
  primary key (partner_id, key_id),
  constraint partner_keys_named check (key_id ~ ('^' || kind::text || '-[1-9][0-9]{0,8}$')),
  constraint partner_keys_filled check (
    case when kind = 'public' then public_key_pem is not null and secret_sealed is null
         else public_key_pem is null and (secret_sealed is not null or valid_until is not null) end)
);
create unique index partner_keys_one_to_use on partner_keys (partner_id, kind) where valid_until is null and kind <> 'public';

insert into partner_keys (partner_id, key_id, kind, public_key_pem, created_at)
  select partner_id, 'public-1', 'public', public_key_pem, created_at from partners;
insert into partner_keys (partner_id, key_id, kind, secret_sealed, created_at)
  select partner_id, 'secret-1', 'secret', secret_sealed, created_at from partners;
insert into partner_keys (partner_id, key_id, kind, secret_sealed, created_at)
  select partner_id, 'shared-1', 'shared', shared_key_sealed, created_at from partners where shared_key_sealed is not null;
alter table partners drop column public_key_pem, drop column secret_sealed, drop column shared_key_sealed;

-- A channel without a row is on.
create table partner_channels (
  partner_id varchar(64) not null references partners,
  channel    varchar(64) not null,
  is_on      boolean     not null,
  primary key (partner_id, channel)
);

-- Who changed what of a partner, written with the change itself. It is only ever added to.
create table partner_audit (
  partner_id varchar(64) not null references partners,
  entry_no   bigint      generated always as identity,
  at         timestamptz not null,
  -- The name of the key of the admin API, or `cli:` and who ran the command.
  who        varchar(80) not null,
  action     varchar(32) not null,
  before     jsonb       not null,
  after      jsonb       not null,
  primary key (partner_id, entry_no)
);

create function refuse_change_of_audit() returns trigger language plpgsql as $$
begin
  raise exception 'partner_audit is only added to' using errcode = 'integrity_constraint_violation';
end $$;

create trigger partner_audit_is_only_added_to before update or delete on partner_audit
  for each row execute function refuse_change_of_audit();
create trigger partner_audit_is_never_emptied before truncate on partner_audit
  for each statement execute function refuse_change_of_audit();
