-- An account belongs to one customer of the partner from the moment in which it is bound. Whoever has only asked for it keeps nobody
-- else from it: of several who ask, the first whom the bank confirms has it.
drop index bindings_one_account;
create unique index bindings_one_account on bindings (partner_id, channel, card_lookup)
  where kind = 'account' and state in ('active', 'unbinding');
