-- The reply is kept to the letter; its HTTP status is the first three digits of the response code in it.
-- X-EXTERNAL-ID is unique per partner, service and Jakarta day. A row is written by a claim and by nothing else.
-- No foreign key to payments: to drop a day would then lock payments against everybody, and one function writes both rows.
create table request_ids (
  partner_id   varchar(64)   not null,
  request_date date          not null,
  service_code varchar(2)    not null,
  external_id  varchar(64)   not null,
  fingerprint  digest_32     not null,
  reference_no varchar(32)   not null,
  reply        varchar(4096),
  primary key (partner_id, request_date, service_code, external_id)
) partition by range (request_date);
