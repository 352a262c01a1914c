import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { openNotifications } from '../../src/index.ts'
import type { Merchant } from '../merchant.ts'
import { HOUR_MS, MINUTE_MS, type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'
import { NOTIFY_PATH, type Sink } from '../partner-sink.ts'

let stage: NotifiedStage
before(async () => {
  stage = await openNotifiedStage({ env: { GERBANG_NOTIFY_RESENDS_PER_SECOND: '5' } })
})
after(() => stage.close())
/** Merchants sign by the machine's clock. */
let ahead = 0
const jump = (ms: number) => {
  ahead += ms
  stage.clock.jump(ms)
}
afterEach(() => jump(-ahead))

async function openTold(): Promise<{ merchant: Merchant; sink: Sink }> {
  const merchant = await stage.addMerchant()
  const sink = await stage.openSinkFor(merchant)
  await stage.subscribe(merchant, sink)
  return { merchant, sink }
}

/** A pause in which nothing may happen that happens at once if it happens. */
const aMoment = () => wait(250)

async function untilFailed(merchant: Merchant, attempts: number) {
  const until = Date.now() + 5_000
  for (;;) {
    const [row] = await stage.untilThere(merchant, 0, 'pending')
    if (
      row !== undefined &&
      row.attempts >= attempts &&
      (row.due_at === null || row.due_at.getTime() > stage.clock.now())
    )
      return row
    assert.ok(Date.now() < until, JSON.stringify(row))
    await wait(20)
  }
}

async function untilAllFailed(merchant: Merchant, count: number) {
  const until = Date.now() + 5_000
  for (;;) {
    const rows = await stage.untilThere(merchant, count, 'pending')
    if (rows.every(({ attempts }) => attempts > 0)) return
    assert.ok(Date.now() < until, JSON.stringify(rows))
    await wait(20)
  }
}

/** As if a payment of the partner had been given back whole. */
const refundWholly = (merchant: Merchant, referenceNo: string) =>
  stage.query(
    `insert into outbox (partner_id, event_date, reference_no, sequence, type, body, created_at)
     values ($1, current_date, $2, 1, 'refund.settled.v1', $3, now())`,
    [
      merchant.keys.partnerId,
      `R${referenceNo.slice(1)}`,
      JSON.stringify({ originalReferenceNo: referenceNo, isFullyRefunded: true }),
    ],
  )

const control = async <Result>(
  use: (notifications: ReturnType<typeof openNotifications>) => Promise<Result>,
) => {
  const notifications = openNotifications(stage.config, stage.clock.now)
  return use(notifications).finally(() => notifications.close())
}

test('a notification that fails is sent again after 30 minutes, 6 hours and 12 hours, and then given up', async () => {
  const { merchant, sink } = await openTold()
  sink.answer = () => 500
  await merchant.pay()
  const first = await untilFailed(merchant, 1)
  const at = (offset: number) => (first.first_attempt_at?.getTime() ?? 0) + offset
  assert.equal(first.next_attempt_at?.getTime(), at(30 * MINUTE_MS))

  jump(29 * MINUTE_MS)
  await aMoment()
  assert.equal(sink.told.length, 1, 'not too early')
  for (const [told, next] of [
    [2, 6 * HOUR_MS],
    [3, 12 * HOUR_MS],
  ] as const) {
    const due = (await untilFailed(merchant, told - 1)).next_attempt_at?.getTime() ?? 0
    jump(due - stage.clock.now() + 1)
    const row = await untilFailed(merchant, told)
    assert.equal(sink.told.length, told)
    assert.equal(row.next_attempt_at?.getTime(), at(next))
  }
  jump(12 * HOUR_MS)
  const [end] = await stage.untilThere(merchant, 1, 'given-up')
  assert.deepEqual([end?.attempts, end?.reason, end?.due_at], [4, 'HTTP 500', null])
  jump(48 * HOUR_MS)
  await aMoment()
  assert.equal(sink.told.length, 4)
  const texts = new Set(sink.told.map(({ text }) => text))
  const ids = new Set(sink.told.map(({ headers }) => headers['x-external-id']))
  assert.deepEqual([texts.size, ids.size], [1, 4], 'the same words, signed anew')
  assert.ok(sink.told.every(({ proof }) => proof === 'symmetric'))
})

test('a retry that is due arrives a moment after the clock’s jump', async () => {
  const { merchant, sink } = await openTold()
  sink.answer = () => 500
  await merchant.pay()
  await untilFailed(merchant, 1)
  sink.answer = () => 200
  const start = Date.now()
  jump(12 * HOUR_MS)
  await stage.untilThere(merchant, 1, 'delivered')
  assert.ok(Date.now() - start < 10_000, `${Date.now() - start} ms`)
})

test('retries that were missed are not made up for in a burst', async () => {
  const { merchant, sink } = await openTold()
  sink.answer = () => 500
  await merchant.pay()
  await untilFailed(merchant, 1)
  jump(13 * HOUR_MS)
  await untilFailed(merchant, 2)
  await aMoment()
  assert.equal(sink.told.length, 2)
  jump(30 * MINUTE_MS + 1)
  await untilFailed(merchant, 3)
})

test('a later notification of a payment waits for the earlier one, and does not once that one is given up', async () => {
  const { merchant, sink } = await openTold()
  sink.answer = () => 500
  const paid = await merchant.pay()
  await untilFailed(merchant, 1)
  await refundWholly(merchant, paid.body.referenceNo)
  await stage.untilThere(merchant, 2, 'pending')
  await aMoment()
  assert.equal(sink.told.length, 1, 'the refund is not told before the payment')

  sink.answer = () => 200
  jump(30 * MINUTE_MS + 1)
  await stage.untilThere(merchant, 2, 'delivered')
  assert.deepEqual(
    sink.told.map(({ body }) => body.latestTransactionStatus),
    ['00', '00', '04'],
  )
})

test('what is given up holds nothing back', async () => {
  const { merchant, sink } = await openTold()
  sink.answer = () => 500
  const paid = await merchant.pay()
  await untilFailed(merchant, 1)
  await refundWholly(merchant, paid.body.referenceNo)
  await stage.untilThere(merchant, 2, 'pending')
  for (const attempts of [2, 3]) {
    jump(6 * HOUR_MS)
    await untilFailed(merchant, attempts)
  }
  sink.answer = ({ body }) => (body.latestTransactionStatus === '04' ? 200 : 500)
  jump(6 * HOUR_MS)
  const rows = await stage.untilThere(merchant, 1, 'delivered')
  assert.deepEqual(
    rows.map(({ kind, state }) => [kind, state]),
    [
      ['payment', 'given-up'],
      ['refund', 'delivered'],
    ],
  )
})

test('a resend goes out at once and leaves the schedule alone', async () => {
  const { merchant, sink } = await openTold()
  sink.answer = () => 500
  await merchant.pay()
  const before = await untilFailed(merchant, 1)
  const { partnerId } = merchant.keys
  assert.equal(await control(({ resend }) => resend(partnerId, before.notification_no)), 'requested')
  await sink.untilTold(2)
  const failed = await untilFailed(merchant, 1)
  assert.deepEqual([failed.attempts, failed.next_attempt_at], [before.attempts, before.next_attempt_at])

  sink.answer = () => 200
  await control(({ resend }) => resend(partnerId, before.notification_no))
  const [row] = await stage.untilThere(merchant, 1, 'delivered')
  assert.deepEqual([row?.attempts, row?.due_at], [1, null])
  await control(({ resend }) => resend(partnerId, before.notification_no))
  await sink.untilTold(4)
  await stage.untilThere(merchant, 1, 'delivered')

  const attempts = await control((notifications) => notifications.attempts(partnerId, before.notification_no))
  assert.deepEqual(attempts.map(({ isResend, status }) => [isResend, status]).slice(0, 3), [
    [false, 500],
    [true, 500],
    [true, 200],
  ])
})

test('all that were given up are sent again, in order and not faster than an endpoint may get them', async () => {
  const { merchant, sink } = await openTold()
  const { partnerId } = merchant.keys
  sink.answer = () => 404
  const other = await openTold()
  other.sink.answer = () => 404
  await other.merchant.pay()
  for (let count = 0; count < 4; count++) await merchant.pay()
  await untilAllFailed(merchant, 4)
  await untilAllFailed(other.merchant, 1)
  await stage.query(
    "update notifications set attempts = 3 where partner_id = any ($1) and state = 'pending'",
    [[partnerId, other.merchant.keys.partnerId]],
  )
  jump(30 * MINUTE_MS + 1)
  const rows = await stage.untilThere(merchant, 4, 'given-up')
  await stage.untilThere(other.merchant, 1, 'given-up')
  const [toldBefore, start] = [sink.told.length, Date.now()]
  sink.answer = () => 200
  const since = new Date(stage.clock.now() - HOUR_MS).toISOString()
  assert.equal(await control(({ resendFailedSince }) => resendFailedSince(since, partnerId)), 4)
  assert.equal(await control(({ resend }) => resend(partnerId, rows[3]?.notification_no ?? '')), 'underway')
  assert.equal(
    await control(({ resendFailedSince }) => resendFailedSince(since, partnerId)),
    0,
    'they are on their way',
  )
  await stage.untilThere(merchant, 4, 'delivered')
  assert.ok(Date.now() - start > 550, 'five in a second')
  assert.deepEqual(
    sink.told.slice(toldBefore).map(({ body }) => body.originalReferenceNo),
    rows.map((row) => row.reference_no),
  )
  const listed = await control(({ list }) => list({ state: 'given-up' }))
  assert.ok(listed.some((one) => one.partnerId === other.merchant.keys.partnerId))
  assert.equal(await control(({ list }) => list({ partnerId })).then((all) => all.length), 4)
  other.sink.answer = () => 200
  assert.ok((await control(({ resendFailedSince }) => resendFailedSince(since))) >= 1, 'of everybody')
  await stage.untilThere(other.merchant, 1, 'delivered')
  assert.equal(await control(({ resend }) => resend(partnerId, '999999999')), 'unknown')
})

test('a partner who moves is told at the new place, also of what failed before', async () => {
  const { merchant, sink } = await openTold()
  sink.answer = () => 500
  await merchant.pay()
  const row = await untilFailed(merchant, 1)
  const other = await stage.openSinkFor(merchant)
  await stage.subscribe(merchant, other, {
    urls: [{ purpose: 'notification', url: `${other.url}${NOTIFY_PATH}` }],
  })
  jump(30 * MINUTE_MS + 1)
  await other.untilTold(1)
  assert.equal(sink.told.length, 1)
  await stage.untilThere(merchant, 1, 'delivered')

  await stage.change(merchant, { urls: [{ purpose: 'notification' }] })
  await control(({ resend }) => resend(merchant.keys.partnerId, row.notification_no))
  const [after] = await stage.untilThere(merchant, 1, 'delivered')
  assert.equal(after?.state, 'delivered', 'without a URL there is nowhere to resend to')
})

test('a notification to an endpoint that stays down is given up at its age', async () => {
  const { merchant, sink } = await openTold()
  await sink.close().catch(() => {})
  await merchant.pay()
  await untilFailed(merchant, 1)
  await stage.query(
    "update notifications set created_at = created_at - interval '5 days' where partner_id = $1",
    [merchant.keys.partnerId],
  )
  const another = await stage.openAnother()
  const [row] = await stage.untilThere(merchant, 1, 'given-up')
  assert.equal(row?.reason, 'the endpoint stayed down')
  await another.gateway.close()
})
