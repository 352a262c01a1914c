-- X-EXTERNAL-ID is unique per partner, service and Jakarta day. A row is written by a claim and by nothing else.
create table request_ids (
  partner_id   text        not null,
  request_date date        not null,
  service_code text        not null check (service_code ~ '^[0-9]{2}$'),
  external_id  text        not null check (char_length(external_id) between 1 and 64),
  fingerprint  bytea       not null check (octet_length(fingerprint) = 32),
  reference_no text        not null,
  http_status  smallint    check (http_status between 200 and 599),
  reply        text        check (char_length(reply) <= 4096),
  primary key (partner_id, request_date, service_code, external_id),
  foreign key (partner_id, reference_no) references payments,
  constraint request_ids_reply_is_whole check ((http_status is null) = (reply is null))
) partition by range (request_date);
