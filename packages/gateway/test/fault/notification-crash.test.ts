import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'
import { settlePayments } from '../settled-payments.ts'
import { spawnGateway } from './spawned.ts'

/** In this order: the stage's own gateway ends in the second test, and from then on each test has its own. */
const SETTINGS = { GERBANG_NOTIFY_TIMEOUT_MS: '500', GERBANG_WORKERS: '1', GERBANG_CLAIM_TIMEOUT_MS: '3000' }
let stage: NotifiedStage
before(async () => {
  stage = await openNotifiedStage({ env: SETTINGS })
})
after(() => stage.close())

const numbers = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({ no: `${prefix}${String(n).padStart(6, '0')}` }))

async function openTold() {
  const merchant = await stage.addMerchant()
  const sink = await stage.openSinkFor(merchant)
  await stage.subscribe(merchant, sink)
  return { merchant, sink }
}

test('two processes tell everything once while nobody crashes', async () => {
  const { merchant, sink } = await openTold()
  const other = await stage.openAnother()
  const payments = numbers('T', 400)
  for (let start = 0; start < payments.length; start += 50)
    await settlePayments(stage, merchant, payments.slice(start, start + 50))
  await stage.untilThere(merchant, payments.length, 'delivered')
  assert.equal(sink.told.length, payments.length)
  assert.equal(new Set(sink.told.map(({ body }) => body.originalReferenceNo)).size, payments.length)
  await other.gateway.close()
})

test('a process that is asked to end waits for a partner who is about to answer, and does not send again', async () => {
  const { merchant, sink } = await openTold()
  const held: (() => void)[] = []
  sink.answer = () => new Promise((resolve) => held.push(() => resolve(200)))
  await settlePayments(stage, merchant, numbers('E', 3))
  const closing = sink.untilTold(3).then(() => stage.gateway.close())
  while (held.length < 3) await wait(10)
  for (const answer of held) setTimeout(answer, 200)
  await closing
  const rows = await stage.untilThere(merchant, 3, 'delivered')
  assert.deepEqual([sink.told.length, rows.map(({ takings }) => takings)], [3, [1, 1, 1]])
})

test('a partner who takes longer than an ending process waits is told again by the next one', async () => {
  const { merchant, sink } = await openTold()
  const { gateway } = await stage.openAnother({}, { GERBANG_NOTIFY_TIMEOUT_MS: '60000' })
  sink.answer = () => (sink.told.length === 1 ? new Promise<number>(() => {}) : 200)
  await settlePayments(stage, merchant, [{ no: 'H1' }])
  await sink.untilTold(1)
  const start = Date.now()
  await gateway.close()
  assert.ok(Date.now() - start < 10_000, 'it does not wait for a minute')
  const next = await stage.openAnother()
  const [row] = await stage.untilThere(merchant, 1, 'delivered')
  assert.deepEqual([row?.takings, row?.attempts, sink.told.length], [2, 1, 2], 'released, not waited for')
  await next.gateway.close()
})

test('a process that is killed after sending loses nothing: another sends the same words again', async () => {
  const { merchant, sink } = await openTold()
  const spawned = await spawnGateway({ ...stage.env })
  let killed: Promise<void> | undefined
  sink.answer = () => {
    if (killed !== undefined) return 200
    killed = spawned.killAll()
    return new Promise<number>(() => {})
  }
  await settlePayments(stage, merchant, [{ no: 'K1' }])
  await sink.untilTold(1)
  await killed
  const next = await stage.openAnother()
  const [row] = await stage.untilThere(merchant, 1, 'delivered')
  assert.equal(row?.takings, 2)
  assert.deepEqual([sink.told.length, sink.told[0]?.text], [2, sink.told[1]?.text])
  assert.notEqual(sink.told[0]?.headers['x-external-id'], sink.told[1]?.headers['x-external-id'])
  await next.gateway.close()
})
