import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SnapError } from '@gerbang/snap'
import type { Channel } from '../../src/channels/channel.ts'
import { openChannels } from '../../src/channels/index.ts'
import { Secret } from '../../src/secret.ts'
import { aDebit, type KeptAccount, keepAccount, MANDIRI, OTP } from '../kept-accounts.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { assertOneTruth, type DebitProcesses, openDebitProcesses } from './debit-alike.ts'
import { Fate, JumpingClock } from './process-alike.ts'
import { interleavings, Strand } from './strand.ts'

const AMOUNT = 1_000_000n
const clock = new JumpingClock()
let stage: Stage
let processes: DebitProcesses
let account: KeptAccount
let bank: Channel | undefined
before(async () => {
  stage = await openStage({
    env: { GERBANG_CHANNELS: 'kki', GERBANG_RECONCILE_EVERY_MS: '3600000' },
    simulator: { clock: clock.now },
  })
  processes = openDebitProcesses(stage, 'mandiri', clock)
  account = await keepAccount(stage, 'mandiri')
  bank = openChannels({
    opened: ['mandiri'],
    network: { url: stage.simulator.url, key: stage.config.networkKey, connections: 2 },
    urls: {},
  })[0]
})
after(async () => {
  await bank?.close()
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

/** What a customer does in the bank's own application: the bank knows, and tells nobody. */
async function approve(referenceNo: string): Promise<void> {
  const code = { step: 'otp' as const, attempt: 1, code: new Secret(OTP) }
  await bank?.confirmations?.confirm({ referenceNo, amountMinor: AMOUNT, ...code }, 5_000)
}

/** A strand whose word from the bank about the calling off is lost. */
class Deaf extends Strand {
  override guard<Arguments extends readonly unknown[], Result>(
    name: string,
    deed: (...given: Arguments) => Promise<Result>,
  ): (...given: Arguments) => Promise<Result> {
    if (name !== 'calling off') return super.guard(name, deed)
    return super.guard(name, async (...given) => {
      await deed(...given)
      return { kind: 'unresolved', cause: 'a test' } as Result
    })
  }
}

type Who = 'the partner' | 'the customer'

function callOff(who: Who, strand: Fate, referenceNo: string): Promise<unknown> {
  const told =
    who === 'the customer'
      ? processes.callOff(strand, referenceNo)
      : processes.cancel(strand, { referenceNo, externalId: newId() })
  return told.then(
    ({ reply }) => reply.text.slice(17, 24),
    (error: unknown) => (error instanceof SnapError ? error.outcome : Promise.reject(error)),
  )
}

const dueNow = (table: 'payments' | 'cancellations', referenceNo: string) =>
  stage.query(`update ${table} set due_at = $2 where reference_no = $1 and due_at is not null`, [
    referenceNo,
    new Date(clock.now() - 1_000),
  ])

async function settleAll(): Promise<void> {
  for (let pass = 0; pass < 30; pass++) {
    const open = await stage.query(
      `select 1 from payments where settled_at is null
       union all select 1 from cancellations where settled_at is null`,
    )
    if (open.length === 0) return
    clock.jump(20_000)
    await processes.reconcile(alive())
  }
  assert.fail('something stays open')
}

/** What the partner has been told by notifications, in their order. */
async function toldOf(referenceNo: string): Promise<readonly string[]> {
  const rows = await stage.query<{ told: string }>(
    `select case type when 'payment.cancelled.v1' then 'called off' else body->>'state' end as told
       from outbox
      where type in ('payment.settled.v1', 'payment.cancelled.v1')
        and $1 in (body->>'referenceNo', body->>'originalReferenceNo')
      order by created_at, xid`,
    [referenceNo],
  )
  return rows.map(({ told }) => told)
}

const TOLD: Readonly<Record<string, readonly string[]>> = {
  paid: ['paid'],
  'paid and called off': ['paid', 'called off'],
  reversed: ['reversed'],
}

/** Books, bank and notifications tell one story, and a 200 was true. */
async function assertOneStory(referenceNo: string, { told, order }: { told: unknown; order: string }) {
  const standing = await assertOneTruth(stage, processes, referenceNo).catch((error: unknown) =>
    assert.fail(`${order}: ${String(error)}`),
  )
  assert.deepEqual(await toldOf(referenceNo), TOLD[standing], order)
  if (told === '2005700') assert.match(standing, /called off|reversed/, order)
  return standing
}

for (const who of ['the partner', 'the customer'] as const)
  for (const [hearing, open] of [
    ['hears the bank', (...halts: string[]) => new Strand(...halts)],
    ['hears nothing', (...halts: string[]) => new Deaf(...halts)],
  ] as const)
    test(`a customer may approve at any moment while ${who} calls it off and ${hearing}: one story is told`, async () => {
      const seen = new Set<string>()
      for (const order of interleavings([3, 1, 2])) {
        const referenceNo = await aWaitingOne()
        const cancelling = open('before calling off', 'after calling off')
        const asking = new Strand('after inquiry')
        await dueNow('payments', referenceNo)
        const works = [
          () => cancelling.step((strand) => callOff(who, strand, referenceNo)),
          () => approve(referenceNo),
          () => asking.step((strand) => processes.reconcile(strand)),
        ]
        for (const strand of order) await works[strand]?.()
        const told = await cancelling.outcome()
        await asking.outcome()
        await settleAll()
        seen.add(await assertOneStory(referenceNo, { told, order: order.join('') }))
      }
      assert.ok(
        seen.has('reversed') && (seen.has('paid') || seen.has('paid and called off')),
        [...seen].join(),
      )
    })

for (const who of ['the partner', 'the customer'] as const)
  test(`a calling off of ${who} that was held up, and that another process has taken over, ends as one story`, async () => {
    const seen = new Set<string>()
    for (const order of interleavings([2, 1, 3])) {
      const referenceNo = await aWaitingOne()
      const cancelling = new Strand('before calling off', 'after calling off')
      await cancelling.step((strand) => callOff(who, strand, referenceNo))
      // Its process is held up for longer than it may take, and so another takes it over.
      const other = new Strand('after inquiry', 'after calling off')
      clock.jump(60_000)
      await dueNow('payments', referenceNo)
      const works = [
        () => cancelling.step(() => assert.fail('it has begun')),
        () => approve(referenceNo),
        () => other.step((strand) => processes.reconcile(strand)),
      ]
      for (const strand of order) await works[strand]?.()
      for (let rest = 0; rest < 3; rest++) await other.step(() => assert.fail('it has begun'))
      const told = await cancelling.outcome()
      await other.outcome()
      await settleAll()
      seen.add(await assertOneStory(referenceNo, { told, order: order.join('') }))
    }
    assert.ok(seen.has('reversed'), [...seen].join())
  })

test('a calling off that was held up before it was sent is not sent any more', async () => {
  const referenceNo = await aWaitingOne()
  const cancelling = new Strand('after commit')
  await cancelling.step((strand) => callOff('the customer', strand, referenceNo))
  await approve(referenceNo)
  clock.jump(60_000)
  await dueNow('payments', referenceNo)
  await processes.reconcile(alive())
  for (let rest = 0; rest < 3; rest++) await cancelling.step(() => assert.fail('it has begun'))
  await cancelling.outcome()
  await settleAll()
  assert.equal(await assertOneStory(referenceNo, { told: undefined, order: 'held up' }), 'paid')
})
