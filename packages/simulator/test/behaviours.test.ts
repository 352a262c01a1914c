import assert from 'node:assert/strict'
import test from 'node:test'
import { aCharge, aReference, aSimulator, CARD, until } from './rig.ts'

const AT_ONCE: [ott: string, status: string, resultCode: string][] = [
  ['12345678', 'approved', '00'],
  ['60000001', 'approved', '00'],
  ['60000005', 'approved', '00'],
  ['22220000', 'approved', '00'],
  ['22220001', 'declined', 'X40312'],
  ['22220002', 'declined', '75'],
  ['22220003', 'declined', '55'],
  ['22220005', 'declined', '51'],
  ['20000000', 'declined', 'X40404'],
  ['10000000', 'waiting', 'W0'],
  ['87654321', 'declined', '55'],
]

for (const [oneTimeToken, status, resultCode] of AT_ONCE) {
  test(`the token ${oneTimeToken} is answered ${status} at once`, async (t) => {
    const simulator = await aSimulator(t)
    const { body } = await simulator.charge({ oneTimeToken })
    assert.deepEqual([body.status, body.resultCode], [status, resultCode])
  })
}

const IN_TIME: [ott: string, seconds: number, status: string, resultCode: string][] = [
  ['11223344', 3, 'approved', '00'],
  ['10000007', 7, 'approved', '00'],
  ['20000012', 12, 'declined', 'X40404'],
  ['30000060', 60, 'declined', 'X40300'],
]

for (const [oneTimeToken, seconds, status, resultCode] of IN_TIME) {
  test(`the token ${oneTimeToken} waits ${seconds} s for the cardholder and ends ${status}`, async (t) => {
    const simulator = await aSimulator(t)
    const first = await simulator.charge({ oneTimeToken })
    assert.deepEqual([first.body.status, first.body.resultCode], ['waiting', 'W0'])
    const referenceNo = String(first.body.referenceNo)
    simulator.advance(seconds * 1_000 - 1)
    assert.equal((await simulator.inquire(referenceNo)).body.status, 'waiting')
    simulator.advance(1)
    const { body } = await simulator.inquire(referenceNo)
    assert.deepEqual([body.status, body.resultCode], [status, resultCode])
  })
}

const SILENT: [ott: string, status: string, resultCode: string][] = [
  ['40000030', 'approved', '00'],
  ['50000030', 'reversed', 'R0'],
]

for (const [oneTimeToken, status, resultCode] of SILENT) {
  test(`the token ${oneTimeToken} is never answered; inquiries say pending, then ${status}`, async (t) => {
    const simulator = await aSimulator(t)
    const referenceNo = aReference()
    const given = new AbortController()
    const silent = fetch(`${simulator.url}/network/v1/charges`, {
      method: 'POST',
      body: JSON.stringify(aCharge({ referenceNo, oneTimeToken })),
      signal: given.signal,
    })
    const ended = silent.then(
      () => 'answered',
      () => 'given up',
    )
    await until(async () => (await simulator.inquire(referenceNo)).status === 200)
    const pending = (await simulator.inquire(referenceNo)).body
    assert.deepEqual([pending.status, pending.resultCode], ['pending', '09'])
    simulator.advance(30_000)
    const { body } = await simulator.inquire(referenceNo)
    assert.deepEqual([body.status, body.resultCode], [status, resultCode])
    assert.equal(simulator.timers(), 1)
    given.abort()
    assert.equal(await ended, 'given up')
    await until(() => simulator.timers() === 0)
  })
}

test('a silent connection is broken after 120 s when the client never gives up', async (t) => {
  const simulator = await aSimulator(t)
  const silent = assert.rejects(simulator.charge({ oneTimeToken: '40000000' }))
  await until(() => simulator.timers() === 1)
  simulator.advance(120_000)
  await silent
})

test('a live token pays once, for its card, within its life', async (t) => {
  const simulator = await aSimulator(t)
  const issue = async (seconds?: number) =>
    (await simulator.control('POST', '/otts', { cardNumber: CARD, ...(seconds ? { seconds } : {}) })).body
      .oneTimeToken
  const oneTimeToken = await issue()
  const codes = async (takes: Record<string, unknown>) => (await simulator.charge(takes)).body.resultCode

  assert.equal(await codes({ oneTimeToken, cardNumber: '9360000220000000029' }), '55')
  assert.equal(await codes({ oneTimeToken }), '00')
  assert.equal(await codes({ oneTimeToken }), '55')
  const short = await issue(10)
  simulator.advance(10_000)
  assert.equal(await codes({ oneTimeToken: short }), '55')
})

test('a person may refuse, and nobody may change a final word', async (t) => {
  const simulator = await aSimulator(t)
  const { body } = await simulator.charge({ oneTimeToken: '10000000' })
  const path = `/charges/${body.referenceNo}`
  assert.equal((await simulator.control('POST', `${path}/decline`)).body.resultCode, 'X40404')
  const late = await simulator.control('POST', `${path}/approve`)
  assert.deepEqual([late.status, late.body.status], [409, 'declined'])
  assert.equal((await simulator.control('POST', `/charges/${'0'.repeat(32)}/approve`)).status, 404)
})

test('a charge past its expiry is refused and not booked', async (t) => {
  const simulator = await aSimulator(t)
  const charge = { expiresAt: '2026-11-21T03:00:00.000Z', referenceNo: aReference() }
  assert.deepEqual(await simulator.charge(charge), {
    status: 410,
    body: { referenceNo: charge.referenceNo, resultCode: '68' },
  })
  assert.equal((await simulator.inquire(charge.referenceNo)).body.resultCode, '25')
  assert.deepEqual(await simulator.book(), [])
})

test('the same reference again is told the first result and books nothing', async (t) => {
  const simulator = await aSimulator(t)
  const referenceNo = aReference()
  const first = await simulator.charge({ referenceNo, oneTimeToken: '22220005' })
  const again = await simulator.charge({ referenceNo, expiresAt: '2020-01-01T00:00:00Z' })
  assert.equal(again.status, 409)
  assert.deepEqual(again.body, { ...first.body, resultCode: '94', firstResultCode: '51' })
  assert.equal((await simulator.book()).length, 1)
})

test('two hundred charges racing with one reference book one', async (t) => {
  const simulator = await aSimulator(t)
  const referenceNo = aReference()
  const replies = await Promise.all(Array.from({ length: 200 }, () => simulator.charge({ referenceNo })))
  const statuses = replies.map(({ status }) => status)
  assert.equal(statuses.filter((status) => status === 200).length, 1)
  assert.equal(statuses.filter((status) => status === 409).length, 199)
  assert.equal(new Set(replies.map(({ body }) => body.networkReferenceNo)).size, 1)
  assert.equal((await simulator.book()).length, 1)
})
