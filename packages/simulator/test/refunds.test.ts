import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { MAGIC } from '../src/index.ts'
import { withCheckDigit } from '../src/magic.ts'
import { aRefund, cardsOf, type Rig, words } from './kept-cards.ts'
import { aReference, aSimulator, LOAD_CARD, rupiah, until } from './rig.ts'

async function paid(simulator: Rig, takes: Record<string, unknown> = {}): Promise<string> {
  const { body } = await simulator.charge(takes)
  assert.equal(body.status, 'approved')
  return String(body.referenceNo)
}

async function refundsOf(simulator: Rig): Promise<Record<string, unknown>[]> {
  const text = await (await fetch(`${simulator.url}/network/v1/refunds`)).text()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

test('a refund gives back once; an inquiry, a repetition and a restart say the same', async (t) => {
  const simulator = await aSimulator(t)
  const { network } = cardsOf(simulator)
  const charge = await paid(simulator)
  const refund = aRefund(charge)
  const { referenceNo } = refund
  const first = await network('POST', '/refunds', refund)
  assert.deepEqual(first, {
    status: 200,
    body: {
      referenceNo,
      status: 'approved',
      resultCode: '00',
      networkReferenceNo: 'F00000000001',
      amount: rupiah('4000.00'),
    },
  })
  assert.deepEqual(await network('POST', '/refunds', { ...refund, expiresAt: '2020-01-01T00:00:00Z' }), first)
  await simulator.restart()
  assert.deepEqual(await network('GET', `/refunds/${referenceNo}`), first)
  assert.deepEqual(await network('POST', '/refunds', refund), first)
  assert.deepEqual(await refundsOf(simulator), [
    {
      ...first.body,
      originalReferenceNo: charge,
      merchantReferenceNo: 'RF-1',
      merchantId: 'BRN-0001',
      at: '2026-11-21T03:00:00.000Z',
    },
  ])
  assert.equal((await simulator.inquire(charge)).body.status, 'approved')
})

test('a refund past its expiry, of nothing, of another’s and of what is not paid is refused', async (t) => {
  const simulator = await aSimulator(t)
  const { refund, network } = cardsOf(simulator)
  const charge = await paid(simulator)
  const referenceNo = aReference()
  assert.deepEqual(await refund(charge, { referenceNo, expiresAt: '2026-11-21T03:00:00.000Z' }), {
    status: 410,
    body: { referenceNo, resultCode: '68' },
  })
  assert.deepEqual(await network('GET', `/refunds/${referenceNo}`), {
    status: 404,
    body: { referenceNo, resultCode: '25' },
  })
  assert.deepEqual(words(await refund('0'.repeat(32))), ['declined', 'X40401'])
  assert.deepEqual(words(await refund(charge, { merchantId: 'BRN-0002' })), ['declined', 'X40401'])
  for (const oneTimeToken of ['22220005', '10000000', '20000000']) {
    const { body } = await simulator.charge({ oneTimeToken })
    assert.deepEqual(words(await refund(body.referenceNo)), ['declined', 'X40400'], oneTimeToken)
  }
  for (const takes of [{ referenceNo: '1' }, { amount: rupiah('0.00') }, { expiresAt: 'soon' }])
    assert.equal((await refund(charge, takes)).status, 400)
})

test('a charge that is approved late can be refunded then', async (t) => {
  const simulator = await aSimulator(t)
  const { refund } = cardsOf(simulator)
  const { body } = await simulator.charge({ oneTimeToken: '10000005' })
  assert.equal((await refund(body.referenceNo)).body.resultCode, 'X40400')
  simulator.advance(5_000)
  assert.equal((await refund(body.referenceNo)).body.status, 'approved')
})

test('twenty refunds of sixty per cent that race give back once', async (t) => {
  const simulator = await aSimulator(t)
  const { refund } = cardsOf(simulator)
  const charge = await paid(simulator)
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => refund(charge, { amount: rupiah('6000.00') })),
  )
  assert.equal(replies.filter(({ body }) => body.status === 'approved').length, 1)
  for (const { body } of replies) if (body.status !== 'approved') assert.equal(body.resultCode, '13')
})

test('neither control nor a magic reference nor a card gives back more than was charged', async (t) => {
  const simulator = await aSimulator(t)
  const { refund } = cardsOf(simulator)
  const charge = await paid(simulator)
  const amount = rupiah('10000.01')
  await simulator.control('POST', '/next', { case: '20000', match: { operation: 'refund' } })
  assert.equal((await refund(charge, { amount })).body.resultCode, '13')
  assert.equal((await refund(charge, { amount, merchantReferenceNo: 'SIM2005800' })).body.resultCode, '13')
  assert.equal((await refund(charge, { amount, merchantReferenceNo: 'SIM2025800' })).body.resultCode, '13')
  assert.equal((await refund(charge, { amount: rupiah('920000.00') })).body.resultCode, '13')
})

test('a pending refund holds its amount; a declined one leaves it free', async (t) => {
  const simulator = await aSimulator(t)
  const { refund, network } = cardsOf(simulator)
  const charge = await paid(simulator)
  await refund(charge, { merchantReferenceNo: 'SIM4035815' })
  const pending = await refund(charge, { merchantReferenceNo: 'SIM2025800', amount: rupiah('6000.00') })
  assert.deepEqual(words(pending), ['pending', '09'])
  assert.equal((await refund(charge, { amount: rupiah('4000.01') })).body.resultCode, '13')
  assert.equal((await refund(charge, { amount: rupiah('4000.00') })).body.status, 'approved')
  await simulator.restart(5_000)
  const referenceNo = String(pending.body.referenceNo)
  assert.deepEqual(words(await network('GET', `/refunds/${referenceNo}`)), ['approved', '00'])
  assert.equal((await refund(charge, { amount: rupiah('0.01') })).body.resultCode, '13')
})

test('every case is answered alike on its card, its amount, its reference and by control', async (t) => {
  const simulator = await aSimulator(t)
  const { refund } = cardsOf(simulator)
  const most = rupiah('9000000.00')
  for (const { case: caseCode } of MAGIC) {
    const [http, kind] = [caseCode.slice(0, 3), caseCode.slice(3)]
    const cardNumber = withCheckDigit(`9360000230000${caseCode}`)
    const carriers: [takes: Record<string, unknown>, charge: string][] = [
      [{}, await paid(simulator, { cardNumber, amount: most })],
      [{ amount: rupiah(`9${caseCode}.00`) }, await paid(simulator, { cardNumber: LOAD_CARD, amount: most })],
      [{ merchantReferenceNo: `SIM${http}58${kind}A1` }, await paid(simulator)],
      [{ merchantReferenceNo: `SIM${http}07${kind}` }, await paid(simulator)],
    ]
    const byControl = await paid(simulator)
    await simulator.control('POST', '/next', { case: caseCode, match: { operation: 'refund' } })
    const expected = words(await refund(byControl))
    for (const [takes, charge] of carriers)
      assert.deepEqual(words(await refund(charge, takes)), expected, `${caseCode} ${JSON.stringify(takes)}`)
    assert.equal(expected[0], { '20000': 'approved', '20200': 'pending' }[caseCode] ?? 'declined')
  }
})

test('the digits of the card stick to the refund of a charge by its token', async (t) => {
  const simulator = await aSimulator(t)
  const { bound, payByToken, refund } = cardsOf(simulator)
  const networkToken = await bound({ cardNumber: '9360000230000403156' })
  const { body } = await payByToken(networkToken)
  await simulator.restart()
  assert.deepEqual(words(await refund(body.referenceNo)), ['declined', '57'])
})

test('a card pattern with step 3 and a delay is answered when it is over', async (t) => {
  const simulator = await aSimulator(t)
  const { network } = cardsOf(simulator)
  const charge = await paid(simulator, { cardNumber: withCheckDigit('936000023030050400') })
  const refund = aRefund(charge)
  const answered = network('POST', '/refunds', refund)
  await until(async () => (await network('GET', `/refunds/${refund.referenceNo}`)).status === 200)
  assert.deepEqual(words(await network('GET', `/refunds/${refund.referenceNo}`)), ['pending', '09'])
  simulator.advance(30_000)
  assert.deepEqual(words(await answered), ['declined', '91'])
})

test('a refund gives the account its limit of the day back, when it is approved and no sooner', async (t) => {
  const simulator = await aSimulator(t)
  const { refund } = cardsOf(simulator)
  const pay = async (value: string) => (await simulator.charge({ amount: rupiah(value) })).body.resultCode
  const charge = await paid(simulator, { amount: rupiah('50000000.00') })
  assert.equal(await pay('1.00'), '51')
  await refund(charge, { amount: rupiah('3.00') })
  assert.equal(await pay('1.00'), '00')
  await refund(charge, { amount: rupiah('5.00'), merchantReferenceNo: 'SIM2025800' })
  await simulator.restart()
  assert.equal(await pay('2.01'), '51')
  assert.equal(await pay('2.00'), '00')
  simulator.advance(5_000)
  assert.equal(await pay('5.01'), '51')
  assert.equal(await pay('5.00'), '00')
  await simulator.restart()
  assert.equal(await pay('0.01'), '51')
  // Yesterday's charge gives nothing back to today.
  simulator.advance(24 * 3_600_000)
  assert.equal(await pay('50000000.00'), '00')
  await refund(charge, { amount: rupiah('1.00') })
  assert.equal(await pay('0.01'), '51')
})

const step = fc.record({
  sen: fc.integer({ min: 1, max: 700_000 }),
  merchantReferenceNo: fc.constantFrom('RF-1', 'SIM2025800', 'SIM4035815', 'SIM2005807'),
  passMs: fc.constantFrom(0, 2_000, 6_000),
  isRestarted: fc.constantFrom(false, false, false, true),
})

test('whatever the order of refunds, pauses and restarts, no charge gives back more than it took', async (t) => {
  const simulator = await aSimulator(t)
  const { refund } = cardsOf(simulator)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
      const charge = await paid(simulator, { cardNumber: LOAD_CARD })
      for (const { sen, merchantReferenceNo, passMs, isRestarted } of steps) {
        await refund(charge, { amount: rupiah((sen / 100).toFixed(2)), merchantReferenceNo })
        simulator.advance(passMs)
        if (isRestarted) await simulator.restart(passMs)
      }
      simulator.advance(10_000)
      const lines = (await refundsOf(simulator)).filter((line) => line.originalReferenceNo === charge)
      assert.equal(lines.length, steps.length)
      const sum = lines
        .filter((line) => line.status === 'approved')
        .reduce(
          (total, line) => total + Math.round(Number((line.amount as { value: string }).value) * 100),
          0,
        )
      assert.ok(sum <= 1_000_000, `${sum}`)
      assert.ok(lines.every(({ status }) => status !== 'pending'))
    }),
    { numRuns: 40 },
  )
})
