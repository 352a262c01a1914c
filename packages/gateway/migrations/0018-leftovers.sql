-- By these housekeeping finds what it forgets, a partner at a time and the oldest first.
create index page_sessions_by_end on page_sessions (partner_id, expires_at);
create index otp_attempts_by_age on otp_attempts (partner_id, tried_at);
create index payment_attempts_by_age on payment_attempts (partner_id, tried_at);
create index unbinding_attempts_by_age on unbinding_attempts (partner_id, tried_at);
create index otp_requests_by_age on otp_requests (partner_id, asked_at);
