import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import type { Stage } from '../stage.ts'

type Books = Pick<Stage, 'query'>

/** Questions whose answer must be no row at all. */
const FAULTS: Readonly<Record<string, string>> = {
  'a paid payment of which nobody decided whether its card is kept': `
    select reference_no from payments where variant = 'V2' and state = 'paid' and bind_state = 'wanted'`,
  'a payment that kept its card and has no token, or the other way round': `
    select reference_no from payments where variant = 'V2' and (bind_state = 'bound') <> (bank_card_token is not null)`,
  'a binding that is kept, leaving or gone while its card is not': `
    select b.reference_no from bindings b join card_tokens t using (partner_id, bank_card_token)
     where b.state::text <> t.state::text`,
  'a card that is leaving without an unbinding that is open, or the other way round': `
    select t.bank_card_token from card_tokens t left join unbindings u
        on u.partner_id = t.partner_id and u.bank_card_token = t.bank_card_token and u.due_at is not null
     where (t.state = 'unbinding') <> (u.reference_no is not null)`,
  'an unbinding whose events are not one, and a second when it has ended': `
    select u.reference_no from unbindings u left join outbox o using (partner_id, reference_no)
     group by u.partner_id, u.reference_no, u.settled_at
    having count(o.*) <> case when u.settled_at is null then 1 else 2 end`,
}

const OPEN = `
  select reference_no, state::text from unbindings where due_at is not null
  union all
  select reference_no, state::text from bindings where state in ('submitted', 'unresolved', 'verifying')`

/** Payments, bindings, kept cards and unbindings tell one story. */
export async function assertCardBooks({ query }: Books): Promise<void> {
  for (const [fault, question] of Object.entries(FAULTS)) assert.deepEqual(await query(question), [], fault)
}

/** Waits until the network is asked about no card any more; fails with what is open after `limitMs`. */
export async function untilCardsRest({ query }: Books, limitMs = 30_000): Promise<void> {
  const until = Date.now() + limitMs
  for (;;) {
    const open = await query(OPEN)
    if (open.length === 0) return
    if (Date.now() > until) assert.deepEqual(open, [], `open after ${limitMs} ms`)
    await wait(100)
  }
}
