import assert from 'node:assert/strict'
import type { Stage } from '../stage.ts'
import type { BindingProcesses } from './binding-alike.ts'

interface Line {
  readonly reference_no: string
  readonly state: string
}

/** Questions whose answer must be no row at all. */
const FAULTS: Readonly<Record<string, string>> = {
  'a sequence of events that is not the number of them': `
    select b.reference_no from bindings b left join outbox o using (partner_id, reference_no)
     group by b.partner_id, b.reference_no, b.sequence having count(o.*) <> b.sequence`,
  'an end without exactly one event that tells it, or an open binding with any': `
    select b.reference_no from bindings b left join outbox o using (partner_id, reference_no)
     where (b.state in ('submitted', 'unresolved', 'otp_wanted', 'otp_sent', 'pin_wanted', 'verifying')) <> (o.body is null)
        or o.body->>'state' <> b.state::text`,
  'a kept card without its token, or with its number still in the binding': `
    select b.reference_no from bindings b left join card_tokens t using (partner_id, bank_card_token)
     where b.state = 'active' and (t.state is distinct from 'active' or b.card_sealed is not null)`,
  'a token of nobody': `
    select bank_card_token from card_tokens t
     where not exists (select from bindings b where b.bank_card_token = t.bank_card_token)`,
  'more attempts than were counted': `
    select b.reference_no from bindings b left join otp_attempts a using (partner_id, reference_no, step)
     group by b.partner_id, b.reference_no, b.attempts having count(a.*) <> b.attempts or b.attempts > 5`,
  'a binding whose request has no reply although it is answered': `
    select b.reference_no from bindings b join request_ids r using (partner_id, reference_no)
     where r.service_code in ('01', '07') and r.reply is null and b.state <> 'submitted'`,
  'a PIN that outlived its binding': `
    select b.reference_no from bindings b join otp_attempts a using (partner_id, reference_no)
     where a.step = 'pin' and a.otp_lookup is not null and b.settled_at is not null`,
  'a token in a reply that is not sealed': `select reference_no from request_ids where reply like '%bankCardToken%'`,
}

/** What is kept here is what the network keeps, and every row, event and reply tells one story. */
export async function assertBindingsAgree(stage: Stage, processes: BindingProcesses): Promise<void> {
  for (const [fault, question] of Object.entries(FAULTS))
    assert.deepEqual(await stage.query(question), [], fault)
  const rows = await stage.query<Line>(
    'select reference_no, state::text from bindings where settled_at is not null',
  )
  const told = await Promise.all(
    rows.map(async ({ reference_no: referenceNo }) => (await processes.inquire(referenceNo)).kind),
  )
  for (const [index, { reference_no: referenceNo, state }] of rows.entries())
    assert.equal(
      told[index] === 'bound',
      state === 'active',
      `${referenceNo}: ${state} here, ${told[index]} there`,
    )
}
