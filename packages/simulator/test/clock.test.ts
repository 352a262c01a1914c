import assert from 'node:assert/strict'
import test from 'node:test'
import { aBinding, cardsOf, PHONE, words } from './kept-cards.ts'
import { aReference, aSimulator, CARD, until } from './rig.ts'

const HOUR = 3_600_000

test('the clock is that of the machine until it is shifted or stopped', async (t) => {
  const simulator = await aSimulator(t)
  const clock = async (body?: unknown) =>
    (await simulator.control(body === undefined ? 'GET' : 'PUT', '/clock', body)).body
  const START = '2026-11-21T03:00:00.000Z'
  assert.deepEqual(await clock(), { now: START, offsetMs: 0, frozenAt: null })
  const shifted = { now: '2026-11-21T04:00:00.000Z', offsetMs: HOUR, frozenAt: null }
  assert.deepEqual(await clock({ offsetMs: HOUR }), shifted)
  const frozenAt = '2026-12-24T18:00:00.000Z'
  assert.deepEqual(await clock({ frozenAt }), { now: frozenAt, offsetMs: HOUR, frozenAt })
  simulator.advance(1_000)
  assert.deepEqual(await clock(), { now: frozenAt, offsetMs: HOUR, frozenAt })
  assert.deepEqual(await clock({ frozenAt: null }), { ...shifted, now: '2026-11-21T04:00:01.000Z' })
  assert.deepEqual(await clock({ offsetMs: 0 }), {
    now: '2026-11-21T03:00:01.000Z',
    offsetMs: 0,
    frozenAt: null,
  })
})

test('a clock that is none is refused', async (t) => {
  const simulator = await aSimulator(t)
  for (const body of [
    { offsetMs: 'an hour' },
    { offsetMs: 0.5 },
    { frozenAt: 'now' },
    { frozenAt: '2026-13-41T00:00:00Z' },
    { now: 1 },
    [],
    'no json',
  ])
    assert.equal((await simulator.control('PUT', '/clock', body)).status, 400, JSON.stringify(body))
})

test('charges, codes, one-time tokens and expiries go by the clock', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, inquire } = cardsOf(simulator)
  const charge = await simulator.charge({ oneTimeToken: '10003600' })
  const binding = await bind()
  const live = await simulator.control('POST', '/otts', { cardNumber: CARD })
  await simulator.control('PUT', '/clock', { offsetMs: HOUR })
  assert.equal((await simulator.inquire(String(charge.body.referenceNo))).body.status, 'approved')
  assert.equal((await inquire(String(binding.body.referenceNo))).body.status, 'expired')
  assert.equal((await simulator.charge({ oneTimeToken: live.body.oneTimeToken })).body.resultCode, '55')
  assert.equal((await simulator.charge({ expiresAt: '2026-11-21T03:59:00.000Z' })).status, 410)
})

test('what was said stays said when the clock is turned back', async (t) => {
  const simulator = await aSimulator(t)
  const { refund, network } = cardsOf(simulator)
  const waits = String((await simulator.charge({ oneTimeToken: '10003600' })).body.referenceNo)
  const paid = (await simulator.charge()).body.referenceNo
  const pending = String((await refund(paid, { merchantReferenceNo: 'SIM2025800' })).body.referenceNo)
  await simulator.control('PUT', '/clock', { offsetMs: HOUR })
  assert.equal((await simulator.inquire(waits)).body.status, 'approved')
  assert.deepEqual(words(await network('GET', `/refunds/${pending}`)), ['approved', '00'])
  await simulator.control('PUT', '/clock', { offsetMs: 0 })
  assert.equal((await simulator.inquire(waits)).body.status, 'approved')
  assert.deepEqual(words(await network('GET', `/refunds/${pending}`)), ['approved', '00'])
})

test('an answer that waits comes when the clock passes its time, and no sooner while it stands', async (t) => {
  const simulator = await aSimulator(t)
  await simulator.control('PUT', '/clock', { frozenAt: '2026-11-21T03:00:00.000Z' })
  const referenceNo = aReference()
  let isAnswered = false
  const answered = simulator.charge({ referenceNo, cardNumber: '9360000200300504003' }).then((reply) => {
    isAnswered = true
    return reply
  })
  await until(async () => (await simulator.inquire(referenceNo)).status === 200)
  simulator.advance(HOUR)
  assert.equal((await simulator.inquire(referenceNo)).body.status, 'pending')
  await simulator.control('PUT', '/clock', { frozenAt: '2026-11-21T03:00:29.999Z' })
  assert.equal((await simulator.inquire(referenceNo)).body.status, 'pending')
  assert.equal(isAnswered, false)
  await simulator.control('PUT', '/clock', { frozenAt: '2026-11-21T03:00:30.000Z' })
  assert.equal((await answered).body.resultCode, '91')
})

test('a timer that was started before a shift waits for what is left of it', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, inbox } = cardsOf(simulator)
  await bind({ cardNumber: '9360000210600202005' })
  await simulator.control('PUT', '/clock', { offsetMs: 50_000 })
  simulator.advance(9_999)
  assert.deepEqual(await inbox(), [])
  simulator.advance(1)
  assert.equal((await inbox()).length, 1)
})

test('the inbox is listed newest first, by telephone or by binding', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, inbox, resend } = cardsOf(simulator)
  const first = String((await bind()).body.referenceNo)
  const second = String((await bind({ phoneNo: '6280000000001' })).body.referenceNo)
  simulator.advance(60_000)
  await resend(first)
  const references = async (query?: string) => (await inbox(query)).map(({ referenceNo }) => referenceNo)
  assert.deepEqual(await references(), [first, second, first])
  assert.deepEqual(await references(`?phone=${PHONE}`), [first, first])
  assert.deepEqual(await references('?phone=%2B62%20812-3456-7890'), [first, first])
  assert.deepEqual(await references(`?referenceNo=${second}`), [second])
})

test('a code is waited for: the next one, or one that has come since an instant', async (t) => {
  const simulator = await aSimulator(t)
  const { network, inbox, bind } = cardsOf(simulator)
  const wait = (query: string) => simulator.control('GET', `/inbox/wait?${query}`)
  await bind()
  const since = await wait(`phone=${PHONE}&after=2026-11-21T03:00:00.000Z`)
  assert.deepEqual(since.body, (await inbox())[0])

  const binding = aBinding()
  const next = wait(`phone=${PHONE}`)
  await until(() => simulator.timers() === 1)
  await bind({ phoneNo: '6280000000001' })
  await network('POST', '/bindings', binding)
  assert.equal((await next).body.referenceNo, binding.referenceNo)
  assert.equal(simulator.timers(), 0)

  const never = wait(`phone=${PHONE}&after=2026-11-21T03:00:00.001Z&timeoutMs=2000`)
  await until(() => simulator.timers() === 1)
  simulator.advance(2_000)
  assert.equal((await never).status, 404)
  assert.equal((await wait('timeoutMs=soon')).status, 400)
  assert.equal((await wait('after=soon')).status, 400)
})

test('who stops waiting for a code leaves nothing behind', async (t) => {
  const simulator = await aSimulator(t)
  const given = new AbortController()
  const waiting = fetch(`${simulator.url}/_sim/inbox/wait`, { signal: given.signal })
  const ended = assert.rejects(waiting)
  await until(() => simulator.timers() === 1)
  given.abort()
  await ended
  await until(() => simulator.timers() === 0)
})
