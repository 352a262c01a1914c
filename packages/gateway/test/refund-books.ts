import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { givenBack, type LedgerNetwork } from './ledger-network.ts'
import type { Stage } from './stage.ts'

type Books = Pick<Stage, 'query'>

/** Questions whose answer must be no row at all. */
const FAULTS: Readonly<Record<string, string>> = {
  'more given back than was paid': `
    select reference_no from payments p join refunds r using (partner_id, reference_no)
     where r.state <> 'failed' group by partner_id, reference_no, p.amount_minor
    having sum(r.amount_minor) > p.amount_minor`,
  'a refund of a payment that is not paid': `
    select refund_no from refunds r join payments p using (partner_id, reference_no) where p.state <> 'paid'`,
  'a balance that is not the sum of its refunds': `
    select b.reference_no from refund_balances b left join refunds r using (partner_id, reference_no)
     group by b.partner_id, b.reference_no
    having b.reserved_minor <> coalesce(sum(r.amount_minor) filter (where r.state <> 'failed'), 0)
        or b.refunded_minor <> coalesce(sum(r.amount_minor) filter (where r.state = 'refunded'), 0)`,
  'a refund without a balance, or a balance of another amount than was paid': `
    select p.reference_no from payments p left join refund_balances b using (partner_id, reference_no)
     where b.paid_minor <> p.amount_minor
        or (b.reference_no is null and exists (
             select from refunds r where r.partner_id = p.partner_id and r.reference_no = p.reference_no))`,
  'a sequence of events with a gap or a wrong end': `
    select r.refund_no from refunds r left join outbox o on o.partner_id = r.partner_id and o.reference_no = r.refund_no
     group by r.partner_id, r.refund_no
    having count(distinct o.sequence) <> r.sequence or coalesce(max(o.sequence), 0) <> r.sequence`,
  'a last event that does not tell the state': `
    select r.refund_no from refunds r join outbox o
        on o.partner_id = r.partner_id and o.reference_no = r.refund_no and o.sequence = r.sequence
     where o.body->>'state' <> r.state::text`,
  'a final refund without exactly one settled event, or an open one with any': `
    select r.refund_no from refunds r left join outbox o
        on o.partner_id = r.partner_id and o.reference_no = r.refund_no and o.type = 'refund.settled.v1'
     group by r.partner_id, r.refund_no, r.state
    having count(o.*) <> case when r.state in ('refunded', 'failed') then 1 else 0 end`,
  'a payment that is told to be given back whole other than once, when it is': `
    select b.reference_no from refund_balances b left join outbox o
        on o.partner_id = b.partner_id and o.body->>'originalReferenceNo' = b.reference_no
       and o.type = 'refund.settled.v1' and o.body->>'state' = 'refunded' and o.body->>'isFullyRefunded' = 'true'
     group by b.partner_id, b.reference_no
    having count(o.*) <> case when b.refunded_minor = b.paid_minor then 1 else 0 end`,
  'a stored reply where there is none, or none where there is one': `
    select r.refund_no from refunds r left join request_ids q
        on q.partner_id = r.partner_id and q.reference_no = r.refund_no and q.service_code = '58'
     where q.reference_no is null or (q.reply is null) <> (r.state = 'submitted')`,
  'a stored 2xx of 200 for a refund that is none, or the other way round': `
    select r.refund_no from refunds r join request_ids q
        on q.partner_id = r.partner_id and q.reference_no = r.refund_no
     where q.reply is not null and (q.reply like '{"responseCode":"200%') <> (r.state = 'refunded')`,
}

interface NetworkLine {
  readonly referenceNo: string
  readonly originalReferenceNo: string
  readonly networkReferenceNo: string
  readonly status: string
  readonly amount: { readonly value: string }
}

/** Every refund of the simulator, by its own account. */
export async function readRefunds(stage: Pick<Stage, 'simulator' | 'env'>): Promise<readonly NetworkLine[]> {
  const authorization = `Bearer ${stage.env['GERBANG_NETWORK_KEY']}`
  const response = await fetch(`${stage.simulator.url}/network/v1/refunds`, { headers: { authorization } })
  assert.equal(response.status, 200)
  const lines = (await response.text()).split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as NetworkLine)
}

/** Our books of refunds agree with themselves: balances, refunds, events and stored replies. */
export async function assertRefundBooks({ query }: Books): Promise<void> {
  for (const [fault, question] of Object.entries(FAULTS)) assert.deepEqual(await query(question), [], fault)
}

/** The same, and what we call given back is what the network has given back, refund by refund. */
export async function assertRefundsAgree(stage: Books, network: LedgerNetwork): Promise<void> {
  await assertRefundBooks(stage)
  const ours = await stage.query<{ refund_no: string; amount_minor: string }>(
    `select refund_no, amount_minor from refunds where state = 'refunded'`,
  )
  const theirs = [...network.refunds.values()].filter(({ manner }) => manner.startsWith('refunds'))
  assert.deepEqual(
    ours.map((line) => `${line.refund_no} ${line.amount_minor}`).sort(),
    theirs.map((line) => `${line.referenceNo} ${line.amountMinor}`).sort(),
    'what is refunded here is what the network has given back',
  )
  const paid = await stage.query<{ reference_no: string; amount_minor: string }>(
    'select reference_no, amount_minor from payments',
  )
  const sums = givenBack(network)
  for (const { reference_no, amount_minor } of paid)
    assert.ok((sums.get(reference_no) ?? 0n) <= BigInt(amount_minor), `${reference_no} is given back twice`)
}

/** Waits until no refund is open; fails with those that are after `limitMs`. */
export async function untilRefundsAreFinal({ query }: Books, limitMs = 30_000): Promise<void> {
  const until = Date.now() + limitMs
  for (;;) {
    const open = await query('select refund_no, state, inquiries from refunds where settled_at is null')
    if (open.length === 0) return
    if (Date.now() > until) assert.deepEqual(open, [], `refunds are open after ${limitMs} ms`)
    await wait(50)
  }
}
