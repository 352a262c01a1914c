import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Seams } from '../../src/index.ts'
import { type LedgerNetwork, type Manner, openLedgerNetwork } from '../ledger-network.ts'
import { newId } from '../merchant.ts'
import { assertRefundsAgree, untilRefundsAreFinal } from '../refund-books.ts'
import { aPaidOne, aRefund, refund } from '../refunding.ts'
import { openStage, type Stage } from '../stage.ts'
import { JumpingClock } from './process-alike.ts'

const EXPIRY_MS = 800
const network: LedgerNetwork = openLedgerNetwork()
const stages: Stage[] = []
let stage: Stage
before(async () => {
  stage = await open({ channels: [network.channel] })
})
after(() => Promise.all(stages.map((one) => one.close())))

async function open(seams: Seams): Promise<Stage> {
  const env = {
    GERBANG_NETWORK_EXPIRY_MS: String(EXPIRY_MS),
    GERBANG_FIRST_INQUIRY_MS: '20',
    GERBANG_LONGEST_PAUSE_MS: '60',
    GERBANG_RECONCILE_EVERY_MS: '20',
  }
  const opened = await openStage({ env, seams })
  stages.push(opened)
  return opened
}

async function stateOf(own: Stage): Promise<string | undefined> {
  const [row] = await own.query<{ state: string }>('select state::text from refunds')
  return row?.state
}

async function historyOf(paid: string) {
  const { body } = await stage.merchant.status({ originalPartnerReferenceNo: paid })
  const statuses = (body.refundHistory ?? []).map((line: { refundStatus: string }) => line.refundStatus)
  return { payment: body.latestTransactionStatus, statuses }
}

/** What the network does, how the refund ends, how the payment is called then, and whether its amount is free again. */
const SILENCES: readonly (readonly [manner: Manner, end: string, payment: string, again: string])[] = [
  ['refunds-in-silence', '00', '04', '4040700'],
  ['refunds-later', '00', '04', '4040700'],
  ['declines-in-silence', '06', '00', '2000700'],
  ['declines-later', '06', '00', '2000700'],
  ['lost', '06', '00', '2000700'],
]
for (const [manner, end, payment, again] of SILENCES)
  test(`a refund that the network ${manner} stays in progress with its amount reserved, ends as ${end}, and then another full one is ${again}`, async () => {
    const paid = await aPaidOne(stage.merchant)
    const body = aRefund(paid)
    network.set(manner, body.partnerRefundNo)
    const externalId = newId()
    const { status, body: told } = await refund(stage.merchant, body, { externalId })
    assert.deepEqual(
      [status, told.responseCode, told.responseMessage],
      [202, '2020700', 'Request In Progress'],
    )
    assert.match(told.refundNo, /^\d{32}$/)
    assert.ok(!('refundTime' in told))
    if (manner !== 'declines-in-silence' && manner !== 'refunds-in-silence') {
      assert.deepEqual(await historyOf(paid), { payment: '00', statuses: ['03'] })
      assert.equal((await refund(stage.merchant, aRefund(paid, '0.01'))).body.responseCode, '4040713')
    }

    await untilRefundsAreFinal(stage)
    assert.deepEqual(await historyOf(paid), { payment, statuses: [end] })
    const repeated = await refund(stage.merchant, body, { externalId })
    assert.equal(repeated.status, 409)
    assert.equal(
      repeated.body.responseCode,
      { '00': '2000700', '06': manner === 'lost' ? '5040700' : '4030705' }[end],
    )
    assert.equal((await refund(stage.merchant, aRefund(paid))).body.responseCode, again)
    await assertRefundsAgree(stage, network)
  })

test('a full refund that waits and a partial one that is done end as 04 only when both are done, and say so once', async () => {
  const paid = await aPaidOne(stage.merchant)
  const slow = aRefund(paid, '6000.00')
  network.set('refunds-later', slow.partnerRefundNo)
  assert.equal((await refund(stage.merchant, slow)).status, 202)
  assert.equal((await refund(stage.merchant, aRefund(paid, '4000.00'))).status, 200)
  await untilRefundsAreFinal(stage)
  assert.deepEqual(await historyOf(paid), { payment: '04', statuses: ['00', '00'] })
  const told = await stage.query<{ whole: string; number: string }>(
    `select body->>'isFullyRefunded' as whole, body->>'partnerRefundNo' as number from outbox
      where type = 'refund.settled.v1' and body->>'originalPartnerReferenceNo' = $1 order by whole`,
    [paid],
  )
  assert.deepEqual(
    told.map(({ whole }) => whole),
    ['false', 'true'],
  )
  assert.equal(told[1]?.number, slow.partnerRefundNo)
})

test('a refund of which the network knows nothing is not given up before its expiry, nor because one clock jumps', async () => {
  const clock = new JumpingClock()
  const lossy = openLedgerNetwork()
  lossy.set('lost')
  const own = await open({ channels: [lossy.channel], clock })
  const paid = await aPaidOne(own.merchant)
  const since = Date.now()
  assert.equal((await refund(own.merchant, aRefund(paid))).status, 202)
  clock.jump(3_600_000)
  await wait(EXPIRY_MS / 2)
  assert.equal(await stateOf(own), 'unresolved')
  await untilRefundsAreFinal(own)
  assert.equal(await stateOf(own), 'failed')
  assert.ok(Date.now() - since > EXPIRY_MS)
})

test('a refund that the network acknowledged and then forgets is never given up, and somebody is told', async () => {
  const refunds = {
    refund: async () => ({ kind: 'unresolved', cause: 'a test', networkCode: '09' }) as const,
    inquireRefund: async () => ({ kind: 'not-found' }) as const,
  }
  const own = await open({ channels: [{ ...network.channel, refunds }] })
  assert.equal((await refund(own.merchant, aRefund(await aPaidOne(own.merchant)))).status, 202)
  await wait(EXPIRY_MS + 700)
  assert.equal(await stateOf(own), 'unresolved')
  assert.ok(own.logged.some((line) => line.includes('Forgotten')))
})
