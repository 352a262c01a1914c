import assert from 'node:assert/strict'
import test from 'node:test'
import { MAGIC } from '../src/index.ts'
import { withCheckDigit } from '../src/magic.ts'
import { aSimulator, rupiah } from './rig.ts'

/** The values of ISO 8583 field 39 that a SNAP case has; the others are X and the case. */
const FIELD_39: Record<string, string> = {
  '40302': '61',
  '40303': '59',
  '40304': '65',
  '40305': '05',
  '40306': '90',
  '40307': '62',
  '40308': '54',
  '40311': '75',
  '40314': '51',
  '40315': '57',
  '40402': '92',
  '40409': '15',
  '40411': '14',
  '40413': '13',
  '40415': '55',
  '40901': '94',
  '50002': '96',
  '50400': '91',
}

function expected(caseCode: string): [status: string, resultCode: string] {
  if (caseCode === '20000') return ['approved', '00']
  if (caseCode === '20200') return ['waiting', 'W0']
  return ['declined', FIELD_39[caseCode] ?? `X${caseCode}`]
}

test('the magic table has SNAP’s 63 cases, the ones that were published', () => {
  assert.equal(MAGIC.length, 63)
  assert.equal(new Set(MAGIC.map((row) => row.case)).size, 63)
  const { message: _, ...funds } = MAGIC.find((row) => row.case === '40314') ?? { message: '' }
  assert.deepEqual(funds, {
    case: '40314',
    cpan: '9360000200000403142',
    ott: '99940314',
    amount: '940314.00',
    otp: '940314',
    phone: '6280000040314',
    reference: 'SIM4035414',
  })
  assert.equal(MAGIC.find((row) => row.case === '50400')?.cpan, '9360000200000504006')
})

test('every case is answered alike on its card, its token, its amount and its reference', async (t) => {
  const simulator = await aSimulator(t)
  for (const row of MAGIC) {
    const carriers = {
      cpan: { cardNumber: row.cpan },
      ott: { oneTimeToken: row.ott },
      amount: { amount: rupiah(row.amount) },
      reference: { merchantReferenceNo: `${row.reference}A1` },
    }
    for (const [carrier, takes] of Object.entries(carriers)) {
      const { status, body } = await simulator.charge(takes)
      assert.equal(status, 200)
      assert.deepEqual([body.status, body.resultCode], expected(row.case), `${row.case} on ${carrier}`)
    }
  }
  assert.equal((await simulator.book()).length, 63 * 4)
})

test('202/00 waits on every carrier and is approved five seconds later', async (t) => {
  const simulator = await aSimulator(t)
  const row = MAGIC.find((magic) => magic.case === '20200')
  assert.ok(row)
  for (const takes of [
    { cardNumber: row.cpan },
    { oneTimeToken: row.ott },
    { amount: rupiah(row.amount) },
    { merchantReferenceNo: row.reference },
  ]) {
    const { body } = await simulator.charge(takes)
    const referenceNo = String(body.referenceNo)
    simulator.advance(4_999)
    assert.equal((await simulator.inquire(referenceNo)).body.status, 'waiting')
    simulator.advance(1)
    assert.equal((await simulator.inquire(referenceNo)).body.status, 'approved')
  }
})

test('control outranks reference, reference outranks token, token outranks amount, amount outranks card', async (t) => {
  const simulator = await aSimulator(t)
  const takes: Record<string, unknown> = {
    merchantReferenceNo: 'SIM4035401',
    oneTimeToken: '99940302',
    amount: rupiah('940303.00'),
    cardNumber: '9360000200000403050',
  }
  await simulator.control('POST', '/next', { case: '40419' })
  const codes: unknown[] = []
  for (const without of [
    {},
    {},
    { merchantReferenceNo: 'INV' },
    { oneTimeToken: '12345678' },
    { amount: rupiah('1.00') },
  ]) {
    Object.assign(takes, without)
    codes.push((await simulator.charge(takes)).body.resultCode)
  }
  assert.deepEqual(codes, ['X40419', 'X40301', '61', '59', '05'])
})

test('an amount, reference or card that only looks magic is an ordinary one', async (t) => {
  const simulator = await aSimulator(t)
  for (const takes of [
    { amount: rupiah('940399.00') },
    { amount: rupiah('940314.50') },
    { amount: rupiah('9403140.00') },
    { merchantReferenceNo: 'SIM4030714' },
    { merchantReferenceNo: 'XSIM4035414' },
    { cardNumber: '9360001609987000000' },
  ]) {
    assert.equal((await simulator.charge(takes)).body.status, 'approved', JSON.stringify(takes))
  }
})

test('a card pattern for binding, OTP, refund or unbinding lets the payment pass', async (t) => {
  const simulator = await aSimulator(t)
  for (const step of ['1', '2', '3', '4']) {
    const cardNumber = withCheckDigit(`93600002${step}000040307`)
    assert.equal((await simulator.charge({ cardNumber })).body.status, 'approved')
  }
})

test('a card pattern with step 9 waits for a person, who confirms', async (t) => {
  const simulator = await aSimulator(t)
  const { body } = await simulator.charge({ cardNumber: '9360000290000200002' })
  assert.equal(body.status, 'waiting')
  simulator.advance(86_400_000)
  const referenceNo = String(body.referenceNo)
  assert.equal((await simulator.inquire(referenceNo)).body.status, 'waiting')
  await simulator.control('POST', `/charges/${referenceNo}/approve`)
  assert.equal((await simulator.inquire(referenceNo)).body.status, 'approved')
})

test('a card pattern with a delay is pending for an inquiry until its answer comes', async (t) => {
  const simulator = await aSimulator(t)
  const waits = await simulator.charge({ cardNumber: '9360000200050202006' })
  assert.equal(waits.body.status, 'waiting')
  const answered = simulator.charge({ cardNumber: '9360000200300504003', referenceNo: '7'.repeat(32) })
  const { inquire } = simulator
  for (let status = 404; status === 404; ) ({ status } = await inquire('7'.repeat(32)))
  assert.equal((await inquire('7'.repeat(32))).body.status, 'pending')
  simulator.advance(30_000)
  assert.deepEqual((await answered).body.resultCode, '91')
})
