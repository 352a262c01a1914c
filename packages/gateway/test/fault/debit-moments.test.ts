import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { openChannels } from '../../src/channels/index.ts'
import { Secret } from '../../src/secret.ts'
import { aDebit, type KeptAccount, keepAccount, MANDIRI, OTP, WRONG_OTP } from '../kept-accounts.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { assertOneTruth, type DebitProcesses, openDebitProcesses } from './debit-alike.ts'
import { Died, Fate, Held, JumpingClock } from './process-alike.ts'

const clock = new JumpingClock()
let stage: Stage
let processes: DebitProcesses
let account: KeptAccount
before(async () => {
  stage = await openStage({
    env: { GERBANG_CHANNELS: 'kki', GERBANG_RECONCILE_EVERY_MS: '3600000' },
    simulator: { clock: clock.now },
  })
  processes = openDebitProcesses(stage, 'mandiri', clock)
  account = await keepAccount(stage, 'mandiri')
})
after(async () => {
  await processes.close()
  await stage.close()
})

const alive = () => new Fate(Number.POSITIVE_INFINITY)
type Body = Parameters<DebitProcesses['pay']>[1]['body']

async function aWaitingOne(): Promise<string> {
  const asked = { externalId: newId(), body: aDebit(MANDIRI) as Body, account }
  const { referenceNo } = await processes.pay(alive(), asked)
  await processes.resend(alive(), { referenceNo, externalId: newId() })
  return referenceNo
}

/** A life in which the bank's answers about codes are lost. */
class Deaf extends Fate {
  override guard<Arguments extends readonly unknown[], Result>(
    name: string,
    deed: (...given: Arguments) => Promise<Result>,
  ): (...given: Arguments) => Promise<Result> {
    return async (...given) => {
      const result = await deed(...given)
      return name === 'confirmation' ? ({ kind: 'unresolved', cause: 'a test' } as Result) : result
    }
  }
}

async function isTried(referenceNo: string): Promise<void> {
  for (const until = Date.now() + 5_000; Date.now() < until; await wait(10)) {
    const rows = await stage.query(
      'select 1 from payment_steps where reference_no = $1 and trying is not null',
      [referenceNo],
    )
    if (rows.length > 0) return
  }
  assert.fail('no code is tried')
}

const due = (referenceNo: string) =>
  stage.query("update payments set due_at = now() - interval '1 s' where reference_no = $1", [referenceNo])

for (const where of ['before confirmation', 'after confirmation']) {
  test(`a customer calls nothing off while a code is tried, held ${where}`, async () => {
    const referenceNo = await aWaitingOne()
    const fate = new Held(where)
    const paying = processes.verify(fate, { referenceNo, externalId: newId() }, OTP)
    await isTried(referenceNo)
    if (where === 'before confirmation') {
      // What the bank says of a charge that waits is no word on the code that is on its way.
      await due(referenceNo)
      await processes.reconcile(alive())
    } else while ((await processes.truth(referenceNo, 1_000_000n)) !== 'paid') await wait(10)
    await assert.rejects(processes.callOff(alive(), referenceNo), { outcome: 'conflict' })
    fate.letGo()
    const { reply } = await paying
    assert.match(reply.text, /"2000400"/)
    assert.equal(await assertOneTruth(stage, processes, referenceNo), 'paid')
  })
}

test('a payment that was paid before its customer’s wish was heard stays paid', async () => {
  const referenceNo = await aWaitingOne()
  // The claim is committed, and nobody tells the bank.
  await assert.rejects(processes.callOff(new Fate(2), referenceNo), Died)
  const [bank] = openChannels({
    opened: ['mandiri'],
    network: { url: stage.simulator.url, key: stage.config.networkKey, connections: 1 },
    urls: {},
  })
  const amountMinor = 1_000_000n
  const code = { referenceNo, amountMinor, step: 'otp' as const, attempt: 1, code: new Secret(OTP) }
  assert.equal((await bank?.confirmations?.confirm(code, 5_000))?.kind, 'paid')
  await bank?.close()
  clock.jump(60_000)
  await due(referenceNo)
  await processes.reconcile(alive())
  await processes.reconcile(alive())
  assert.equal(await assertOneTruth(stage, processes, referenceNo), 'paid')
  const told = await stage.query<{ type: string }>(
    "select type from outbox where body->>'originalReferenceNo' = $1",
    [referenceNo],
  )
  assert.deepEqual(told, [{ type: 'payment.cancellation.refused.v1' }])
})

test('a page that no key opens any more keeps no payment from being paid', async () => {
  const referenceNo = await aWaitingOne()
  await stage.query("update payment_steps set redirect_sealed = 'gone.AAAA' where reference_no = $1", [
    referenceNo,
  ])
  await stage.query(
    `update payments set particulars = jsonb_set(particulars::jsonb, '{visiting,flow}', '"DH"')::json
      where reference_no = $1`,
    [referenceNo],
  )
  const { reply } = await processes.verify(alive(), { referenceNo, externalId: newId() }, OTP)
  assert.match(reply.text, /"2000400"/)
  assert.equal(await assertOneTruth(stage, processes, referenceNo), 'paid')
})

test('of a payment that may be paid nobody is told that its time is over', async () => {
  const referenceNo = await aWaitingOne()
  const deaf = new Deaf(Number.POSITIVE_INFINITY)
  const { reply } = await processes.verify(deaf, { referenceNo, externalId: newId() }, OTP)
  assert.doesNotMatch(reply.text, /"200/)
  clock.jump(1_000_000)
  const other = processes.verify(alive(), { referenceNo, externalId: newId() }, WRONG_OTP)
  await assert.rejects(other, { outcome: 'conflict' })
  const again = await processes.verify(alive(), { referenceNo, externalId: newId() }, OTP)
  assert.match(again.reply.text, /"2000400"/)
  assert.equal(await assertOneTruth(stage, processes, referenceNo), 'paid')
})

test('of a payment that may be paid nobody is told that its codes are used up', async () => {
  const referenceNo = await aWaitingOne()
  const verify = (code: string, fate = alive()) =>
    processes.verify(fate, { referenceNo, externalId: newId() }, code)
  for (const code of ['100001', '100002', '100003', '100004']) await verify(code)
  await verify(OTP, new Deaf(Number.POSITIVE_INFINITY))
  await assert.rejects(verify('100006'), { outcome: 'conflict' })
  assert.match((await verify(OTP)).reply.text, /"2000400"/)
})

test('a code whose process has died is in the way of others until the bank has said what stands', async () => {
  const referenceNo = await aWaitingOne()
  const verify = (code: string, fate = alive()) =>
    processes.verify(fate, { referenceNo, externalId: newId() }, code)
  // The claim is committed, and nobody asks the bank.
  await assert.rejects(verify('100001', new Fate(2)), Died)
  clock.jump(60_000)
  await assert.rejects(verify(OTP), { outcome: 'conflict' })
  await due(referenceNo)
  await processes.reconcile(alive())
  assert.match((await verify(OTP)).reply.text, /"2000400"/)
})
