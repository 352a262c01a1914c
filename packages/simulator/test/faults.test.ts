import assert from 'node:assert/strict'
import test from 'node:test'
import { aCharge, aReference, aSimulator, until } from './rig.ts'

type Rig = Awaited<ReturnType<typeof aSimulator>>

function post(simulator: Rig, takes: Record<string, unknown> = {}) {
  return fetch(`${simulator.url}/network/v1/charges`, {
    method: 'POST',
    body: JSON.stringify(aCharge(takes)),
  })
}

async function statusOf(simulator: Rig, referenceNo: string) {
  return (await simulator.inquire(referenceNo)).body.status
}

for (const fault of ['drop-before', 'reset']) {
  test(`${fault} breaks the connection and books nothing; the next charge goes through`, async (t) => {
    const simulator = await aSimulator(t)
    const referenceNo = aReference()
    await simulator.control('POST', '/next', { fault })
    await assert.rejects(post(simulator, { referenceNo }))
    assert.equal((await simulator.inquire(referenceNo)).status, 404)
    assert.equal((await simulator.charge({ referenceNo })).body.status, 'approved')
  })
}

test('drop-after breaks the connection when the money has moved', async (t) => {
  const simulator = await aSimulator(t)
  const referenceNo = aReference()
  await simulator.control('POST', '/next', { fault: 'drop-after' })
  await assert.rejects(post(simulator, { referenceNo }))
  assert.equal(await statusOf(simulator, referenceNo), 'approved')
})

test('duplicate answers once, and the second attempt at the reference books nothing', async (t) => {
  const simulator = await aSimulator(t)
  await simulator.control('POST', '/next', { fault: 'duplicate' })
  assert.equal((await simulator.charge()).body.status, 'approved')
  assert.equal((await simulator.book()).length, 1)
})

test('late books at once and answers after the delay', async (t) => {
  const simulator = await aSimulator(t)
  const referenceNo = aReference()
  await simulator.control('POST', '/next', { fault: 'late', delayMs: 40_000 })
  const answered = simulator.charge({ referenceNo })
  await until(async () => (await statusOf(simulator, referenceNo)) === 'approved')
  simulator.advance(39_999)
  assert.equal(simulator.timers(), 1)
  simulator.advance(1)
  assert.equal((await answered).body.status, 'approved')
})

test('slow books only after the delay', async (t) => {
  const simulator = await aSimulator(t)
  const referenceNo = aReference()
  await simulator.control('POST', '/next', { fault: 'slow', delayMs: 5_000 })
  const answered = simulator.charge({ referenceNo })
  await until(() => simulator.timers() === 1)
  assert.equal((await simulator.inquire(referenceNo)).status, 404)
  simulator.advance(5_000)
  assert.equal((await answered).body.status, 'approved')
})

test('a slow charge that expires meanwhile is not booked', async (t) => {
  const simulator = await aSimulator(t)
  await simulator.control('POST', '/next', { fault: 'slow', delayMs: 5_000 })
  const answered = simulator.charge({ expiresAt: '2026-11-21T03:00:04.000Z' })
  await until(() => simulator.timers() === 1)
  simulator.advance(5_000)
  assert.equal((await answered).status, 410)
  assert.deepEqual(await simulator.book(), [])
})

test('a slow charge overtaken by its own repetition is a duplicate', async (t) => {
  const simulator = await aSimulator(t)
  const referenceNo = aReference()
  await simulator.control('POST', '/next', { fault: 'slow', delayMs: 5_000 })
  const slow = simulator.charge({ referenceNo })
  await until(() => simulator.timers() === 1)
  assert.equal((await simulator.charge({ referenceNo })).status, 200)
  simulator.advance(5_000)
  assert.equal((await slow).status, 409)
  assert.equal((await simulator.book()).length, 1)
})

for (const [fault, text] of [
  ['garbage', '<html>502 Bad Gateway'],
  ['empty', ''],
] as const) {
  test(`${fault} books the charge and answers 200 with no JSON`, async (t) => {
    const simulator = await aSimulator(t)
    const referenceNo = aReference()
    await simulator.control('POST', '/next', { fault })
    const response = await post(simulator, { referenceNo })
    assert.deepEqual([response.status, await response.text()], [200, text])
    assert.equal(await statusOf(simulator, referenceNo), 'approved')
  })
}

test('a fault hits as many charges as it says, only those that match, and can carry a case', async (t) => {
  const simulator = await aSimulator(t)
  const match = { merchantReferenceNo: 'INV-9' }
  await simulator.control('POST', '/next', { fault: 'duplicate', case: '40314', times: 2, match })
  const codes: unknown[] = []
  for (const merchantReferenceNo of ['INV-1', 'INV-9', 'INV-2', 'INV-9', 'INV-9']) {
    codes.push((await simulator.charge({ merchantReferenceNo })).body.resultCode)
  }
  assert.deepEqual(codes, ['00', '51', '00', '51', '00'])
  await simulator.control('POST', '/next', { fault: 'reset', times: 5 })
  assert.deepEqual((await simulator.control('GET', '/next')).body, { waiting: 5 })
  assert.deepEqual((await simulator.control('DELETE', '/next')).body, { waiting: 0 })
  assert.equal((await simulator.charge()).status, 200)
})

test('a fault that is none is refused', async (t) => {
  const simulator = await aSimulator(t)
  for (const body of [
    {},
    { fault: 'flood' },
    { case: '40399' },
    { fault: 'late', times: 0 },
    { other: 1 },
    'no json',
  ]) {
    assert.equal((await simulator.control('POST', '/next', body)).status, 400, JSON.stringify(body))
  }
})

test('an outage breaks or hangs every route of the network until it is up again', async (t) => {
  const simulator = await aSimulator(t)
  await simulator.control('POST', '/outage', { mode: 'down' })
  await assert.rejects(post(simulator))
  await assert.rejects(fetch(`${simulator.url}/network/v1/health`))
  await simulator.control('POST', '/outage', { mode: 'hang' })
  const hanging = assert.rejects(post(simulator))
  await until(() => simulator.timers() === 1)
  simulator.advance(120_000)
  await hanging
  assert.equal((await simulator.control('POST', '/outage', { mode: 'sideways' })).status, 400)
  await simulator.control('POST', '/outage', { mode: 'up' })
  assert.equal((await simulator.charge()).status, 200)
  assert.equal((await simulator.book()).length, 1)
})
