import assert from 'node:assert/strict'
import test from 'node:test'
import { aBinding, aRefund, cardsOf, RIGHT, type Rig, words } from './kept-cards.ts'
import { aReference, aSimulator, until } from './rig.ts'

/** One call of each operation that may be repeated, ready to be made: with the status of its end. */
async function callsOf(simulator: Rig) {
  const { network, bound, bind } = cardsOf(simulator)
  const charge = (await simulator.charge()).body.referenceNo
  const open = String((await bind()).body.referenceNo)
  const networkToken = await bound()
  const unbinding = { referenceNo: aReference(), merchantId: 'BRN-0001', networkToken }
  const [binding, refund] = [aBinding(), aRefund(charge)]
  const call = (path: string, body: { referenceNo: string }) => ({
    path,
    body,
    referenceNo: body.referenceNo,
    inquiry: `${path}/${body.referenceNo}`,
  })
  return {
    binding: { ...call('/bindings', binding), before: undefined, end: 'otp-sent' },
    verification: {
      path: `/bindings/${open}/verification`,
      body: { attempt: 1, otp: RIGHT },
      referenceNo: open,
      inquiry: `/bindings/${open}`,
      before: 'otp-sent',
      end: 'bound',
    },
    unbinding: { ...call('/unbindings', unbinding), before: undefined, end: 'unbound' },
    refund: { ...call('/refunds', refund), before: undefined, end: 'approved' },
    network,
  }
}

const OPERATIONS = ['binding', 'verification', 'unbinding', 'refund'] as const

for (const operation of OPERATIONS) {
  test(`faults meet a ${operation} before it is done or after it, and its repetition is answered`, async (t) => {
    const simulator = await aSimulator(t)
    const { network, [operation]: one } = await callsOf(simulator)
    const post = () =>
      fetch(`${simulator.url}/network/v1${one.path}`, { method: 'POST', body: JSON.stringify(one.body) })
    const status = async () => (await network('GET', one.inquiry)).body.status
    const fault = (name: string, more: object = {}) =>
      simulator.control('POST', '/next', {
        fault: name,
        match: { operation, referenceNo: one.referenceNo },
        ...more,
      })
    for (const name of ['drop-before', 'reset']) {
      await fault(name)
      await assert.rejects(post())
      assert.equal(await status(), one.before)
    }
    await fault('slow', { delayMs: 2_000 })
    const slow = post()
    await until(() => simulator.timers() === 1)
    assert.equal(await status(), one.before)
    simulator.advance(2_000)
    const first = (await (await slow).json()) as Record<string, unknown>
    assert.equal(first.status, one.end)
    await fault('drop-after')
    await assert.rejects(post())
    await fault('garbage')
    assert.equal(await (await post()).text(), '<html>502 Bad Gateway')
    await fault('empty')
    assert.equal(await (await post()).text(), '')
    await fault('duplicate')
    assert.deepEqual(await (await post()).json(), first)
    await fault('late', { delayMs: 3_000 })
    const late = post()
    await until(() => simulator.timers() === 1)
    simulator.advance(3_000)
    assert.deepEqual(await (await late).json(), first)
  })

  test(`a ${operation} is done before a late answer to it`, async (t) => {
    const simulator = await aSimulator(t)
    const { network, [operation]: one } = await callsOf(simulator)
    await simulator.control('POST', '/next', { fault: 'late', delayMs: 40_000, match: { operation } })
    const late = network('POST', one.path, one.body)
    await until(async () => (await network('GET', one.inquiry)).body.status === one.end)
    simulator.advance(40_000)
    assert.equal((await late).body.status, one.end)
  })
}

test('a fault without an operation is for charges, and one with an operation for nothing else', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, refund } = cardsOf(simulator)
  const waiting = async () => (await simulator.control('GET', '/next')).body.waiting
  const charge = (await simulator.charge()).body.referenceNo
  await simulator.control('POST', '/next', { case: '40314' })
  await simulator.control('POST', '/next', { case: '40305', match: { operation: 'refund' } })
  assert.equal((await bind()).body.status, 'otp-sent')
  assert.equal(await waiting(), 2)
  assert.equal((await refund(charge)).body.resultCode, '05')
  assert.equal(await waiting(), 1)
  assert.equal((await simulator.charge()).body.resultCode, '51')
  assert.equal(await waiting(), 0)
  const bad = await simulator.control('POST', '/next', { case: '40314', match: { operation: 'lottery' } })
  assert.equal(bad.status, 400)
})

test('a case of a resend is a refusal that leaves the binding as it is; 202/00 sends the code and says pending', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, resend, inbox, inquire } = cardsOf(simulator)
  const referenceNo = String((await bind()).body.referenceNo)
  simulator.advance(60_000)
  const meet = (caseCode: string) =>
    simulator.control('POST', '/next', { case: caseCode, match: { operation: 'resend', referenceNo } })
  await meet('50002')
  assert.deepEqual(words(await resend(referenceNo)), ['otp-sent', '96'])
  assert.equal((await inbox()).length, 1)
  await meet('20200')
  assert.deepEqual(words(await resend(referenceNo)), ['pending', '09'])
  assert.deepEqual(words(await inquire(referenceNo)), ['otp-sent', 'W0'])
  assert.equal((await inbox()).length, 2)
  await simulator.control('POST', '/next', { fault: 'drop-before', match: { operation: 'resend' } })
  await assert.rejects(resend(referenceNo))
})

test('a case of an unbinding is answered, and 202/00 unbinds after five seconds', async (t) => {
  const simulator = await aSimulator(t)
  const { bound, unbind, network } = cardsOf(simulator)
  const networkToken = await bound()
  const meet = (caseCode: string) =>
    simulator.control('POST', '/next', { case: caseCode, match: { operation: 'unbinding' } })
  await meet('50400')
  assert.deepEqual(words(await unbind(networkToken)), ['declined', '91'])
  await meet('20200')
  const { body } = await unbind(networkToken)
  assert.deepEqual([body.status, body.resultCode], ['pending', '09'])
  simulator.advance(5_000)
  assert.deepEqual(words(await network('GET', `/unbindings/${body.referenceNo}`)), ['unbound', '00'])
})

test('an outage and a missing key meet bindings, unbindings and refunds too', async (t) => {
  const simulator = await aSimulator(t, { networkKey: 'the-key' })
  const { bind, network } = cardsOf(simulator)
  assert.equal((await bind()).status, 401)
  assert.equal((await network('GET', '/refunds')).status, 401)
  await simulator.control('POST', '/outage', { mode: 'down' })
  await assert.rejects(bind())
})
