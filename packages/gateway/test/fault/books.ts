import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer } from '../merchant.ts'
import type { Stage } from '../stage.ts'

/** What a merchant was told about one request. */
export interface Told {
  readonly externalId: string
  readonly answer: Answer
}

interface BookLine {
  readonly referenceNo: string
  readonly merchantReferenceNo: string
  readonly status: string
  readonly amount: { readonly value: string }
  readonly networkReferenceNo: string
}

interface PaymentLine {
  readonly reference_no: string
  readonly external_id: string
  readonly state: string
  readonly amount: string
  readonly network_reference_no: string | null
}

type Books = Pick<Stage, 'query' | 'simulator' | 'env'>

/** Every charge that the network has booked, by its own account. */
export async function readBook(stage: Pick<Books, 'simulator' | 'env'>): Promise<readonly BookLine[]> {
  const authorization = `Bearer ${stage.env['GERBANG_NETWORK_KEY']}`
  const response = await fetch(`${stage.simulator.url}/network/v1/book`, { headers: { authorization } })
  assert.equal(response.status, 200)
  const text = await response.text()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as BookLine)
}

/**
 * The universal check: the network's book, the payments, the stored replies, the events and what merchants were
 * told all say the same about the money.
 */
export async function assertBooksAgree(stage: Books, told: readonly Told[] = []): Promise<void> {
  const payments = await stage.query<PaymentLine>(
    `select reference_no, external_id, state::text, network_reference_no, (amount_minor / 100) || '.' ||
       lpad((amount_minor % 100)::text, 2, '0') as amount from payments`,
  )
  const paid = payments.filter(({ state }) => state === 'paid')
  const approved = (await readBook(stage)).filter(({ status }) => status === 'approved')
  assert.deepEqual(
    paid.map((line) => [line.reference_no, line.amount, line.network_reference_no]).sort(),
    approved.map((line) => [line.referenceNo, line.amount.value, line.networkReferenceNo]).sort(),
    'what is paid here is what the network has approved',
  )
  await assertFlow(stage)
  assertTold(payments, told)
}

/** Questions whose answer must be no row at all. */
const FAULTS_OF_FLOW: Readonly<Record<string, string>> = {
  'a sequence of events with a gap or a wrong end': `
    select p.reference_no from payments p left join outbox o using (partner_id, reference_no)
     group by p.partner_id, p.reference_no, p.sequence
    having count(o.sequence) <> p.sequence or coalesce(max(o.sequence), 0) <> p.sequence
        or count(distinct o.sequence) <> p.sequence`,
  'a last event that does not tell the state': `
    select p.reference_no from payments p join outbox o using (partner_id, reference_no, sequence)
     where o.body->>'state' <> p.state::text`,
  'a final payment without exactly one settled event, or an open one with any': `
    select p.reference_no from payments p left join outbox o
        on o.partner_id = p.partner_id and o.reference_no = p.reference_no and o.type = 'payment.settled.v1'
     group by p.partner_id, p.reference_no, p.state
    having count(o.*) <> case when p.state in ('paid', 'declined', 'reversed') then 1 else 0 end`,
  'a stored reply where there is none, or none where there is one': `
    select p.reference_no from payments p left join request_ids r using (partner_id, reference_no)
     where r.reference_no is null or (r.reply is null) <> (p.state = 'submitted')`,
  'a stored 2005400 of a payment that is not paid, or the other way round': `
    select p.reference_no from payments p join request_ids r using (partner_id, reference_no)
     where (r.reply like '{"responseCode":"2005400"%') is distinct from (p.state = 'paid') and r.reply is not null`,
  'a paid payment that was to keep its card and does not say what became of it, or another that does': `
    select reference_no from payments
     where (variant = 'V2') <> (bind_state is not null)
        or variant = 'V2' and (state = 'paid') <> (bind_state in ('bound', 'declined'))
        or variant = 'V2' and (bind_state = 'bound') <> (bank_card_token is not null)
        or variant in ('V3', 'V4') and (bank_card_token is null or card_sealed is not null)`,
  'a request id of two payments, or a payment of two request ids': `
    select reference_no from request_ids where service_code = '54' group by partner_id, reference_no having count(*) > 1`,
  'a partner reference that is alive or paid twice': `
    select partner_reference_no from payments where state not in ('declined', 'reversed')
     group by partner_id, partner_reference_no having count(*) > 1`,
}

async function assertFlow({ query }: Pick<Books, 'query'>): Promise<void> {
  for (const [fault, question] of Object.entries(FAULTS_OF_FLOW))
    assert.deepEqual(await query(question), [], fault)
}

function assertTold(payments: readonly PaymentLine[], told: readonly Told[]): void {
  for (const { externalId, answer } of told) {
    const own = payments.find((line) => line.external_id === externalId)
    const code = String(answer.body?.responseCode)
    if (code === '2005400') {
      assert.equal(own?.state, 'paid', `${externalId} was told that the money moved`)
      assert.equal(own.reference_no, answer.body.referenceNo)
    }
    if (code === '2025400') assert.ok(own, `${externalId} was told that it is in progress`)
    // A conflict speaks of another request; every other refusal says or implies that this one moved nothing.
    if (answer.status >= 400 && answer.status !== 409)
      assert.notEqual(own?.state, 'paid', `${externalId} was told ${code} and has paid`)
  }
}

/** Waits until no payment is open; fails with those that are after `limitMs`. */
export async function untilAllAreFinal(stage: Pick<Books, 'query'>, limitMs = 30_000): Promise<void> {
  const until = Date.now() + limitMs
  for (;;) {
    const open = await stage
      .query('select reference_no, state, inquiries from payments where settled_at is null')
      .catch(() => [{ state: 'the database does not answer' }])
    if (open.length === 0) return
    if (Date.now() > until) assert.deepEqual(open, [], `payments are open after ${limitMs} ms`)
    await wait(50)
  }
}

/** Orders from the simulator's control, e.g. `('next', { fault: 'drop-after' })`. */
export async function control(stage: Pick<Books, 'simulator'>, order: string, body: object): Promise<void> {
  const response = await fetch(`${stage.simulator.url}/_sim/${order}`, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  assert.equal(response.status, 200, await response.text())
}

/** Looks, ten milliseconds apart, in which a transaction of ours is over: on a busy machine the looks take longer as well. */
const PATIENT_LOOKS = 20

/** Looks again and again, until told to stop, which transactions are still open; returns how many were for too many looks. */
export function watchTransactions({ query }: Pick<Books, 'query'>): () => Promise<number> {
  let isWatching = true
  const watch = async () => {
    const seen = new Map<string, number>()
    while (isWatching) {
      const open = await query<{ name: string }>(
        `select concat_ws(' ', pid, xact_start) as name from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`,
      )
      for (const { name } of open) seen.set(name, (seen.get(name) ?? 0) + 1)
      await wait(10)
    }
    return [...seen.values()].filter((looks) => looks > PATIENT_LOOKS).length
  }
  const watching = watch()
  return () => {
    isWatching = false
    return watching
  }
}
