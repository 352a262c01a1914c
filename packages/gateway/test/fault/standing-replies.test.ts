import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newCard, wrongCodes } from '../card-customer.ts'
import { aDebit, type KeptAccount, keepAccount, MANDIRI } from '../kept-accounts.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { type BindingProcesses, openBindingProcesses } from './binding-alike.ts'
import { type DebitProcesses, openDebitProcesses } from './debit-alike.ts'
import { Died, Fate, Held, JumpingClock } from './process-alike.ts'

const clock = new JumpingClock()
/** Which code the simulator's bank takes for one that is dead. */
const DEAD_OTP = '222001'
let stage: Stage
let debits: DebitProcesses
let bindings: BindingProcesses
let account: KeptAccount
before(async () => {
  // The stage's own loops rest: this file's processes are the only ones that work.
  stage = await openStage({
    env: { GERBANG_CHANNELS: 'kki', GERBANG_RECONCILE_EVERY_MS: '3600000' },
    simulator: { clock: clock.now },
  })
  debits = openDebitProcesses(stage, 'mandiri', clock)
  bindings = openBindingProcesses(stage, clock)
  account = await keepAccount(stage, 'mandiri')
})
after(async () => {
  await debits.close()
  await bindings.close()
  await stage.close()
})

const alive = () => new Fate(Number.POSITIVE_INFINITY)

async function aWaitingOne(): Promise<string> {
  const body = aDebit(MANDIRI) as Parameters<DebitProcesses['pay']>[1]['body']
  const { referenceNo } = await debits.pay(alive(), { externalId: newId(), body, account })
  await debits.resend(alive(), { referenceNo, externalId: newId() })
  return referenceNo
}

/** What is stored for a request, as it is stored. */
async function storedFor(externalId: string): Promise<string | null | undefined> {
  const [row] = await stage.query<{ reply: string | null }>(
    'select reply from request_ids where external_id = $1',
    [externalId],
  )
  return row?.reply
}

async function untilPaymentEnds(referenceNo: string): Promise<void> {
  for (let pass = 0; pass < 20; pass++) {
    clock.jump(120_000)
    await debits.reconcile(alive())
    const ended = await stage.query(
      'select 1 from payments where reference_no = $1 and settled_at is not null',
      [referenceNo],
    )
    if (ended.length > 0) return
  }
  assert.fail('the payment does not end')
}

test('who was told that a code is dead is told the same when the payment has ended', async () => {
  const referenceNo = await aWaitingOne()
  const externalId = newId()
  const { reply } = await debits.verify(alive(), { referenceNo, externalId }, DEAD_OTP)
  assert.match(reply.text, /"4030412"/)
  const stored = await storedFor(externalId)
  await untilPaymentEnds(referenceNo)
  assert.equal(await storedFor(externalId), stored)
})

test('who died with a code is told how the payment ended, also when another code was found dead since', async () => {
  const referenceNo = await aWaitingOne()
  const externalId = newId()
  await assert.rejects(debits.verify(new Fate(2), { referenceNo, externalId }, '100001'), Died)
  clock.jump(60_000)
  await stage.query("update payments set due_at = now() - interval '1 s' where reference_no = $1", [
    referenceNo,
  ])
  await debits.reconcile(alive())
  await debits.verify(alive(), { referenceNo, externalId: newId() }, DEAD_OTP)
  assert.equal(await storedFor(externalId), null)
  await untilPaymentEnds(referenceNo)
  assert.match((await storedFor(externalId)) ?? '', /^\{"responseCode":"40/)
})

test('an inquiry that comes late does not take back what a binding’s code was answered', async () => {
  const answer = await bindings.bind(alive(), { cardNumber: await newCard(stage) })
  const { referenceNo } = JSON.parse(answer.reply.text)
  const [wrong = ''] = wrongCodes('', 1)
  const slow = new Held('after verification')
  const verifying = bindings.verify(slow, referenceNo, wrong)
  await untilVerifying(referenceNo)
  clock.jump(13_000)
  const asking = new Held('after inquiry')
  const looking = bindings.reconcile(asking)
  await untilTaken(referenceNo)
  slow.letGo()
  assert.match((await verifying).reply.text, /"4040415"/)
  const [before] = await repliesAbout(referenceNo)
  asking.letGo()
  await looking
  assert.deepEqual(await repliesAbout(referenceNo), [before])
})

function repliesAbout(referenceNo: string) {
  return stage.query<{ reply: string }>(
    "select reply from request_ids where reference_no = $1 and service_code = '04'",
    [referenceNo],
  )
}

function untilVerifying(referenceNo: string): Promise<void> {
  return until(`select 1 from bindings where state = 'verifying' and reference_no = $1`, referenceNo)
}

function untilTaken(referenceNo: string): Promise<void> {
  return until('select 1 from bindings where inquiries > 0 and reference_no = $1', referenceNo)
}

async function until(question: string, referenceNo: string): Promise<void> {
  for (const end = Date.now() + 5_000; Date.now() < end; ) {
    if ((await stage.query(question, [referenceNo])).length > 0) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail(`never: ${question}`)
}
