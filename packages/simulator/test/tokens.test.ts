import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { withCheckDigit } from '../src/magic.ts'
import { aBinding, cardsOf, PHONE, words } from './kept-cards.ts'
import { aReference, aSimulator, CARD, rupiah } from './rig.ts'

const CONFIRM_BY = '2026-11-21T03:05:00.000Z'

test('a charge with tokenise brings a token that pays, and an inquiry brings the same one', async (t) => {
  const simulator = await aSimulator(t)
  const { payByToken } = cardsOf(simulator)
  const { body } = await simulator.charge({ tokenise: true })
  assert.deepEqual([body.status, body.linking], ['approved', 'linked'])
  const inquired = await simulator.inquire(String(body.referenceNo))
  assert.deepEqual(inquired.body, body)
  assert.deepEqual(words(await payByToken(String(body.networkToken))), ['approved', '00'])
  const [, line] = await simulator.book()
  assert.equal(line?.cardNumber, '936000******0011')
})

test('a charge without tokenise says nothing of linking', async (t) => {
  const simulator = await aSimulator(t)
  const { body } = await simulator.charge({ tokenise: false })
  assert.ok(!('linking' in body) && !('networkToken' in body))
})

test('nobody learns the token of a charge before it is approved, or when it never is', async (t) => {
  const simulator = await aSimulator(t)
  const waiting = await simulator.charge({ tokenise: true, oneTimeToken: '10000010' })
  const refused = await simulator.charge({ tokenise: true, oneTimeToken: '20000010' })
  for (const { body } of [waiting, refused]) assert.ok(!('linking' in body))
  simulator.advance(10_000)
  const approved = await simulator.inquire(String(waiting.body.referenceNo))
  assert.equal(approved.body.linking, 'linked')
  assert.ok(!('linking' in (await simulator.inquire(String(refused.body.referenceNo))).body))
})

test('the token 7000NNNN pays after NNNN seconds and refuses the linking', async (t) => {
  const simulator = await aSimulator(t)
  const now = await simulator.charge({ tokenise: true, oneTimeToken: '70000000' })
  assert.deepEqual([now.body.status, now.body.linking], ['approved', 'declined'])
  assert.ok(!('networkToken' in now.body))
  const later = await simulator.charge({ tokenise: true, oneTimeToken: '70000005' })
  assert.equal(later.body.status, 'waiting')
  simulator.advance(5_000)
  const { body } = await simulator.inquire(String(later.body.referenceNo))
  assert.deepEqual([body.status, body.linking], ['approved', 'declined'])
})

test('a token is the merchant’s own; unknown and another’s are declined 14', async (t) => {
  const simulator = await aSimulator(t)
  const { bound, payByToken } = cardsOf(simulator)
  const networkToken = await bound()
  assert.deepEqual(words(await payByToken(networkToken, { merchantId: 'BRN-0002' })), ['declined', '14'])
  assert.deepEqual(words(await payByToken('kkit-nobody')), ['declined', '14'])
  assert.deepEqual(words(await payByToken('kkit-nobody', { merchantReferenceNo: 'SIM2005400' })), [
    'declined',
    '14',
  ])
})

test('a charge by token is decided by control, reference, one-time token and amount as one by card is', async (t) => {
  const simulator = await aSimulator(t)
  const { bound, payByToken } = cardsOf(simulator)
  const networkToken = await bound()
  const code = async (takes: Record<string, unknown>) =>
    (await payByToken(networkToken, takes)).body.resultCode
  assert.equal(await code({ merchantReferenceNo: 'SIM4035414' }), '51')
  assert.equal(await code({ amount: rupiah('940305.00') }), '05')
  assert.equal(await code({ oneTimeToken: '22220003' }), '55')
  assert.equal(await code({ oneTimeToken: '10000000' }), 'W0')
  const live = await simulator.control('POST', '/otts', { cardNumber: CARD })
  assert.equal(await code({ oneTimeToken: live.body.oneTimeToken }), '00')
  assert.equal(await code({ oneTimeToken: live.body.oneTimeToken }), '55')
  await simulator.control('POST', '/next', { case: '40419' })
  assert.equal(await code({}), 'X40419')
})

test('the digits of the card stick to every token made from it', async (t) => {
  const simulator = await aSimulator(t)
  const { bound, payByToken } = cardsOf(simulator)
  const declines = await bound({ cardNumber: '9360000200000403142' })
  assert.equal((await payByToken(declines)).body.resultCode, '51')
  const waits = await bound({ cardNumber: '9360000290000200002' })
  assert.equal((await payByToken(waits)).body.resultCode, 'W0')
  const tokenised = await simulator.charge({
    cardNumber: '9360000200000403142',
    oneTimeToken: '10000001',
    tokenise: true,
  })
  simulator.advance(1_000)
  const { body } = await simulator.inquire(String(tokenised.body.referenceNo))
  assert.equal((await payByToken(String(body.networkToken))).body.resultCode, '51')
})

test('the account behind a token is asked as it is at the time of the charge', async (t) => {
  const simulator = await aSimulator(t)
  const { bound, payByToken } = cardsOf(simulator)
  const networkToken = await bound()
  await simulator.charge({ amount: rupiah('49999999.00') })
  assert.equal((await payByToken(networkToken, { amount: rupiah('1.01') })).body.resultCode, '51')
  assert.equal((await payByToken(networkToken, { amount: rupiah('1.00') })).body.resultCode, '00')
  await simulator.control('PUT', '/accounts', { cardNumber: CARD, limit: null, blocked: true })
  assert.equal((await payByToken(networkToken)).body.resultCode, '62')
  await simulator.control('PUT', '/accounts', [])
  assert.equal((await payByToken(networkToken)).body.resultCode, '14')
})

test('a recurring charge never waits for a person: it is pending, and resolves after its time', async (t) => {
  const simulator = await aSimulator(t)
  const { bound, payByToken } = cardsOf(simulator)
  const plain = await bound()
  const person = await bound({ cardNumber: '9360000290000200002' })
  const cases: [token: string, takes: Record<string, unknown>, afterMs: number][] = [
    [person, {}, 5_000],
    [plain, { merchantReferenceNo: 'SIM2025400' }, 5_000],
    [plain, { oneTimeToken: '10000030' }, 30_000],
  ]
  for (const [token, takes, afterMs] of cases) {
    const { body } = await payByToken(token, { recurring: true, confirmBy: '2026-11-21T03:00:01Z', ...takes })
    assert.deepEqual([body.status, body.resultCode], ['pending', '09'])
    const referenceNo = String(body.referenceNo)
    simulator.advance(afterMs - 1)
    assert.equal((await simulator.inquire(referenceNo)).body.status, 'pending')
    simulator.advance(1)
    assert.equal((await simulator.inquire(referenceNo)).body.status, 'approved')
  }
})

test('a charge takes a card or a token, and nothing in between', async (t) => {
  const simulator = await aSimulator(t)
  const { bound } = cardsOf(simulator)
  const networkToken = await bound()
  for (const takes of [
    { networkToken },
    { recurring: true },
    { cardNumber: undefined },
    { cardNumber: undefined, networkToken, tokenise: true },
    { cardNumber: undefined, networkToken: 'short' },
    { cardNumber: undefined, networkToken, recurring: 'yes' },
    { confirmBy: 'soon' },
    { tokenise: 'Y' },
  ]) {
    assert.equal((await simulator.charge(takes)).status, 400, JSON.stringify(takes))
  }
  assert.deepEqual(await simulator.book(), [])
})

const LATE: [oneTimeToken: string, title: string][] = [
  ['10000000', 'for a person'],
  ['10000600', 'past it'],
  ['10000300', 'until exactly then'],
  ['30000900', 'for nobody'],
]
for (const [oneTimeToken, title] of LATE) {
  test(`a charge that waits ${title} has expired at confirmBy`, async (t) => {
    const simulator = await aSimulator(t)
    const { body } = await simulator.charge({ oneTimeToken, confirmBy: CONFIRM_BY })
    assert.equal(body.status, 'waiting')
    const referenceNo = String(body.referenceNo)
    simulator.advance(299_999)
    assert.equal((await simulator.inquire(referenceNo)).body.status, 'waiting')
    simulator.advance(1)
    assert.deepEqual(words(await simulator.inquire(referenceNo)), ['declined', 'X40300'])
    assert.equal((await simulator.control('POST', `/charges/${referenceNo}/approve`)).status, 409)
  })
}

test('a charge that is confirmed before confirmBy is approved, and one that comes after it is declined', async (t) => {
  const simulator = await aSimulator(t)
  const { body } = await simulator.charge({ oneTimeToken: '10000299', confirmBy: CONFIRM_BY })
  simulator.advance(300_000)
  assert.equal((await simulator.inquire(String(body.referenceNo))).body.status, 'approved')
  const late = await simulator.charge({ oneTimeToken: '10000001', confirmBy: CONFIRM_BY })
  assert.deepEqual(words(late), ['declined', 'X40300'])
})

test('an unbound token is dead, here and after a restart; other tokens of the card live on', async (t) => {
  const simulator = await aSimulator(t)
  const { bound, payByToken, unbind, network } = cardsOf(simulator)
  const [first, second] = [await bound(), await bound({ customerId: 'CUST-2' })]
  const referenceNo = aReference()
  const unbound = { referenceNo, status: 'unbound', resultCode: '00' }
  assert.deepEqual((await unbind(first, { referenceNo })).body, unbound)
  assert.deepEqual((await unbind(first, { referenceNo })).body, unbound)
  assert.deepEqual(words(await unbind(first)), ['unbound', '00'])
  for (let n = 0; n < 2; n++) {
    assert.deepEqual(words(await payByToken(first)), ['declined', 'X40318'])
    assert.deepEqual(words(await payByToken(first, { merchantReferenceNo: 'SIM2005400' })), [
      'declined',
      'X40318',
    ])
    assert.deepEqual(words(await payByToken(second)), ['approved', '00'])
    assert.deepEqual((await network('GET', `/unbindings/${referenceNo}`)).body, unbound)
    await simulator.restart()
  }
})

test('an unbinding is refused to strangers and to customers that are not let go', async (t) => {
  const simulator = await aSimulator(t)
  const { bound, unbind, payByToken, network } = cardsOf(simulator)
  const networkToken = await bound({ customerId: 'C-UNBINDFAIL-1' })
  assert.deepEqual(words(await unbind(networkToken)), ['declined', 'X40315'])
  assert.deepEqual(words(await unbind(networkToken, { merchantId: 'BRN-0002' })), ['declined', '14'])
  assert.deepEqual(words(await unbind('kkit-nobody')), ['declined', '14'])
  assert.equal((await payByToken(networkToken)).body.status, 'approved')
  const unknown = await network('GET', `/unbindings/${'0'.repeat(32)}`)
  assert.deepEqual(unknown, { status: 404, body: { referenceNo: '0'.repeat(32), resultCode: '25' } })
})

test('a card pattern with step 4 decides the unbinding; 202/00 is pending and the token dies with its end', async (t) => {
  const simulator = await aSimulator(t)
  const { bound, unbind, payByToken, network } = cardsOf(simulator)
  const refuses = await bound({ cardNumber: '9360000240000504002' })
  assert.deepEqual(words(await unbind(refuses)), ['declined', '91'])
  assert.equal((await payByToken(refuses)).body.status, 'approved')

  const takesTime = await bound({ cardNumber: withCheckDigit('936000024005020200') })
  const { body } = await unbind(takesTime)
  assert.deepEqual([body.status, body.resultCode], ['pending', '09'])
  assert.equal((await payByToken(takesTime)).body.status, 'approved')
  await simulator.restart(5_000)
  assert.deepEqual(words(await network('GET', `/unbindings/${body.referenceNo}`)), ['unbound', '00'])
  assert.equal((await payByToken(takesTime)).body.resultCode, 'X40318')
})

test('tokens of charges and bindings survive a restart with their card’s digits', async (t) => {
  const simulator = await aSimulator(t)
  const { bound, payByToken } = cardsOf(simulator)
  const { body } = await simulator.charge({ tokenise: true })
  const declines = await bound({ cardNumber: '9360000200000403142' })
  await simulator.restart()
  assert.deepEqual((await simulator.inquire(String(body.referenceNo))).body, body)
  assert.equal((await payByToken(String(body.networkToken))).body.resultCode, '00')
  assert.equal((await payByToken(declines)).body.resultCode, '51')
})

test('the ledger knows no card number, no one-time token and no code', async (t) => {
  const simulator = await aSimulator(t)
  const { network, verify, inbox } = cardsOf(simulator)
  const binding = aBinding({ oneTimeToken: '22220000' })
  await network('POST', '/bindings', binding)
  const [message] = await inbox(`?phone=${PHONE}`)
  await verify(binding.referenceNo, 1, '987654')
  await verify(binding.referenceNo, 2, String(message?.code))
  await simulator.charge({ tokenise: true, oneTimeToken: '70000033' })
  const text = readFileSync(simulator.ledgerPath, 'utf8')
  assert.ok(text.includes('936000******0011'))
  for (const secret of [CARD, '22220000', '987654', '70000033', `"${message?.code}"`])
    assert.ok(!text.includes(secret), secret)
})
