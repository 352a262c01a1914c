-- Who may sign. The client secret is sealed (AES-256-GCM): the HMAC of each request needs it in clear.
create table partners (
  partner_id     varchar(64) primary key check (partner_id ~ '^[A-Za-z0-9._-]{1,64}$'),
  name           text        not null check (char_length(name) between 1 and 100),
  profile        text        not null default 'doku' check (profile in ('doku', 'snap')),
  state          text        not null default 'active' check (state in ('active', 'suspended')),
  public_key_pem text        not null check (char_length(public_key_pem) <= 4096),
  secret_sealed  text        not null check (char_length(secret_sealed) <= 1024),
  created_at     timestamptz not null
);
