import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { OpenRefund } from '../../src/refund/open-refund.ts'
import { refund, settleAnswer } from '../../src/refund/refund.ts'
import { judge } from '../../src/refund/verdict.ts'
import { type Manner, openLedgerNetwork } from '../ledger-network.ts'
import { assertRefundsAgree } from '../refund-books.ts'
import { openStage, type Stage } from '../stage.ts'
import { Died, Fate, JumpingClock } from './process-alike.ts'
import { anOpenRefund, openRefundProcesses, type RefundProcesses } from './refund-processes.ts'

const clock = new JumpingClock()
const network = openLedgerNetwork(clock.now)
const LONG_AGO = '3600000'
let stage: Stage
let processes: RefundProcesses
before(async () => {
  // The stage's own loops rest: this file's processes are the only ones that work, and die.
  stage = await openStage({
    env: { GERBANG_RECONCILE_EVERY_MS: LONG_AGO },
    seams: { channels: [network.channel] },
  })
  processes = openRefundProcesses(stage, clock, network)
})
after(async () => {
  await processes.close()
  await stage.close()
})

/** How a refund ends once the network has heard of it. One that was never sent has failed when it has expired. */
const ENDS: Readonly<Record<Manner, string>> = {
  refunds: 'refunded',
  declines: 'failed',
  'refunds-in-silence': 'refunded',
  'declines-in-silence': 'failed',
  lost: 'failed',
  'refunds-later': 'refunded',
  'declines-later': 'failed',
}

/** More boundaries than any life has. */
const MOST = 60
const PASSES = 4

/** A process that refunds and reconciles until it dies at the n-th boundary. Returns where, or undefined when it lived. */
async function live(n: number, manner: Manner, how = refund) {
  const fate = new Fate(n)
  const one = await anOpenRefund(stage, clock.now())
  network.set(manner, one.partnerRefundNo)
  const quietly = (error: unknown) => assert.ok(error instanceof Died, String(error))
  const answer = await processes.refund(fate, one, how).catch(quietly)
  if (fate.where === undefined) assert.ok(answer, 'who lives is answered')
  for (let pass = 0; pass < PASSES && fate.where === undefined; pass++) {
    clock.jump(11_000)
    await processes.reconcile(fate).catch(quietly)
  }
  return { where: fate.where, one }
}

/** Another process reconciles until nothing is open. */
async function recover(): Promise<void> {
  for (let pass = 0; pass < 20; pass++) {
    clock.jump(12_000)
    await processes.reconcile(new Fate(Number.POSITIVE_INFINITY))
    const open = await stage.query('select 1 from refunds where settled_at is null')
    if (open.length === 0) return
  }
  assert.fail('the reconciler leaves refunds open')
}

async function stateOf({ refundNo }: OpenRefund): Promise<string | undefined> {
  const sql = 'select state::text from refunds where refund_no = $1'
  return (await stage.query<{ state: string }>(sql, [refundNo]))[0]?.state
}

const seen = new Set<string>()
for (const manner of Object.keys(ENDS) as Manner[])
  test(`whatever line it dies on, gateway and network agree in the end when the network ${manner}`, async () => {
    const places: string[] = []
    for (let n = 0; n < MOST; n++) {
      const { where, one } = await live(n, manner)
      await recover()
      await assertRefundsAgree(stage, network)
      const isHeard = network.refunds.has(one.refundNo)
      const isClaimed = where !== 'before claim'
      assert.equal(await stateOf(one), isClaimed ? (isHeard ? ENDS[manner] : 'failed') : undefined, where)
      // Whatever happened, 40 % are left, and what failed has given its amount free.
      const [room] = await stage.query<{ left: string }>(
        'select paid_minor - reserved_minor as left from refund_balances where reference_no = $1',
        [one.originalReferenceNo],
      )
      if (isClaimed) assert.equal(room?.left, ENDS[manner] === 'refunded' && isHeard ? '400000' : '1000000')
      if (where === undefined) break
      places.push(where)
      seen.add(where)
    }
    assert.ok(places.length >= 6 && places.length < MOST, places.join(', '))
  })

test('the process has died on either side of every deed', () => {
  const deeds = ['claim', 'refund', 'settlement', 'taking', 'inquiry', 'postponement']
  assert.deepEqual([...seen].sort(), deeds.flatMap((deed) => [`before ${deed}`, `after ${deed}`]).sort())
})

test('the loop would notice a refund that asks the network before it is claimed', async () => {
  const askFirst: typeof refund = async (deps, channel, order) => {
    const one = order.refund
    const answer = await channel.refund(
      {
        ...one,
        referenceNo: one.refundNo,
        merchantId: one.partnerId,
        merchantReferenceNo: one.partnerRefundNo,
      },
      1_000,
    )
    await deps.claim(order)
    return settleAnswer(deps, one, judge(answer))
  }
  await live(1, 'refunds', askFirst)
  await recover()
  await assert.rejects(assertRefundsAgree(stage, network), assert.AssertionError)
})
