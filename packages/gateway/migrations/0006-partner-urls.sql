-- Where a partner wants to be told what. The channel '' stands for every channel that has no row of its own.
create table partner_urls (
  partner_id varchar(64)   not null references partners,
  channel    varchar(64)   not null default '',
  purpose    varchar(16)   not null check (purpose in ('notification', 'binding', 'token')),
  url        varchar(1024) not null check (url ~ '^https?://'),
  primary key (partner_id, channel, purpose)
);

alter table partners
  -- How notifications to this partner are signed.
  add column notification_mode varchar(16) not null default 'symmetric'
    check (notification_mode in ('symmetric', 'asymmetric')),
  -- Origins, separated by spaces, that may show the hosted pages in a frame.
  add column frame_ancestors varchar(1024) not null default ''
    check (frame_ancestors = '' or frame_ancestors ~ '^https?://[^[:space:];,]+( https?://[^[:space:];,]+)*$'),
  -- The key of card data, where it is not the client secret.
  add column shared_key_sealed varchar(1024);
