-- What a repeated request is answered, apart from how codes are numbered: the first reply to the letter, or a bare conflict.
alter table partners add column idempotency_profile text not null default 'doku' check (idempotency_profile in ('doku', 'snap'));
update partners set idempotency_profile = profile where profile <> 'doku';
