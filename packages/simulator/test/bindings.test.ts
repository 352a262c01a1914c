import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { MAGIC } from '../src/index.ts'
import { withCheckDigit } from '../src/magic.ts'
import { aBinding, cardsOf, PHONE, RIGHT, words } from './kept-cards.ts'
import { aReference, aSimulator, CARD, until } from './rig.ts'

const MINUTE = 60_000
const WRONG = '987654'

test('a binding sends a code to the telephone, and the code binds the card', async (t) => {
  const simulator = await aSimulator(t)
  const { network, verify, inbox, inquire } = cardsOf(simulator)
  const binding = aBinding()
  const { referenceNo } = binding
  const sent = await network('POST', '/bindings', binding)
  const { networkReferenceNo } = sent.body
  assert.deepEqual(sent, {
    status: 200,
    body: {
      referenceNo,
      status: 'otp-sent',
      resultCode: 'W0',
      networkReferenceNo,
      otpExpiresAt: '2026-11-21T03:05:00.000Z',
      attemptsLeft: 5,
    },
  })
  const messages = await inbox(`?phone=${PHONE}`)
  const { code, ...about } = messages[0] ?? {}
  assert.equal(messages.length, 1)
  assert.match(String(code), /^[1-8]\d{5}$/)
  assert.deepEqual(about, {
    at: '2026-11-21T03:00:00.000Z',
    phone: PHONE,
    referenceNo,
    merchantId: 'BRN-0001',
  })
  const { body } = await verify(referenceNo, 1, String(code))
  const { networkToken } = body
  const bound = { referenceNo, status: 'bound', resultCode: '00', networkReferenceNo, networkToken }
  assert.deepEqual(body, bound)
  assert.match(String(networkToken), /^[A-Za-z0-9_-]{8,64}$/)
  assert.deepEqual((await inquire(referenceNo)).body, bound)
  assert.deepEqual((await network('POST', '/bindings', binding)).body, bound)
})

test('the same binding again is answered alike and sends no second code', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, inbox } = cardsOf(simulator)
  const referenceNo = aReference()
  const replies = await Promise.all(Array.from({ length: 20 }, () => bind({ referenceNo })))
  for (const reply of replies) assert.deepEqual(reply, replies[0])
  assert.equal((await inbox()).length, 1)
})

test('a binding past its expiry, an unknown one and a malformed one are told apart', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, inquire, verify, resend, cancel, inbox } = cardsOf(simulator)
  const referenceNo = aReference()
  assert.deepEqual(await bind({ referenceNo, expiresAt: '2026-11-21T03:00:00.000Z' }), {
    status: 410,
    body: { referenceNo, resultCode: '68' },
  })
  const unknown = { status: 404, body: { referenceNo, resultCode: '25' } }
  for (const reply of [
    await inquire(referenceNo),
    await verify(referenceNo, 1, RIGHT),
    await resend(referenceNo),
    await cancel(referenceNo),
  ])
    assert.deepEqual(reply, unknown)
  for (const takes of [
    { referenceNo: '1' },
    { customerId: '' },
    { cardNumber: '4111111111111111' },
    { phoneNo: '+62812' },
    { expiresAt: 'soon' },
    { oneTimeToken: '1' },
  ])
    assert.equal((await bind(takes)).status, 400, JSON.stringify(takes))
  assert.equal((await verify(referenceNo, 0, RIGHT)).status, 400)
  assert.equal((await verify(referenceNo, 1, 'abcdef')).status, 400)
  assert.deepEqual(await inbox(), [])
})

test('paths and methods below bindings that do not exist are refused', async (t) => {
  const simulator = await aSimulator(t)
  const { network } = cardsOf(simulator)
  const status = async (method: string, path: string) => (await network(method, path)).status
  assert.equal(await status('GET', '/bindings'), 405)
  assert.equal(await status('DELETE', `/bindings/${'1'.repeat(32)}`), 405)
  assert.equal(await status('GET', `/bindings/${'1'.repeat(32)}/otp`), 405)
  assert.equal(await status('GET', `/bindings/${'1'.repeat(32)}/nothing`), 404)
  assert.equal(await status('GET', '/bindings/constructor'), 404)
})

test('a wrong code costs an attempt; the same attempt again is answered the same and costs none', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify, inquire } = cardsOf(simulator)
  const { body } = await bind()
  const referenceNo = String(body.referenceNo)
  const first = await verify(referenceNo, 1, WRONG)
  assert.deepEqual(first.body, { ...body, resultCode: '55', attemptsLeft: 4 })
  await verify(referenceNo, 2, WRONG)
  for (let n = 0; n < 5; n++) assert.deepEqual(await verify(referenceNo, 1, RIGHT), first)
  assert.equal((await inquire(referenceNo)).body.attemptsLeft, 3)
  assert.deepEqual(words(await verify(referenceNo, 3, RIGHT)), ['bound', '00'])
})

test('tries that race are counted one by one: of twenty wrong ones four are told so, the rest is blocked', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify } = cardsOf(simulator)
  const referenceNo = String((await bind()).body.referenceNo)
  const replies = await Promise.all(Array.from({ length: 20 }, (_, n) => verify(referenceNo, n + 1, WRONG)))
  const left = replies.filter(({ body }) => body.resultCode === '55').map(({ body }) => body.attemptsLeft)
  assert.deepEqual(left.sort(), [1, 2, 3, 4])
  assert.equal(replies.filter(({ body }) => body.status === 'blocked').length, 16)
})

test('twenty repetitions of one try race and count once', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify } = cardsOf(simulator)
  const referenceNo = String((await bind()).body.referenceNo)
  const replies = await Promise.all(Array.from({ length: 20 }, () => verify(referenceNo, 1, WRONG)))
  for (const { body } of replies) assert.equal(body.attemptsLeft, 4)
})

test('a right try among wrong ones that race makes one token', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify } = cardsOf(simulator)
  const referenceNo = String((await bind()).body.referenceNo)
  const replies = await Promise.all(
    [RIGHT, WRONG, RIGHT, WRONG].map((otp, n) => verify(referenceNo, n + 1, otp)),
  )
  const tokens = replies.map(({ body }) => body.networkToken).filter((token) => token !== undefined)
  assert.ok(tokens.length >= 1)
  assert.equal(new Set(tokens).size, 1)
})

test('the fifth wrong code blocks the card for a day, at a restart too; other cards are not touched', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify, cancel } = cardsOf(simulator)
  const referenceNo = String((await bind()).body.referenceNo)
  for (let attempt = 1; attempt < 5; attempt++) await verify(referenceNo, attempt, WRONG)
  assert.deepEqual(words(await verify(referenceNo, 5, WRONG)), ['blocked', '75'])
  assert.deepEqual(words(await verify(referenceNo, 6, RIGHT)), ['blocked', '75'])
  assert.deepEqual(words(await cancel(referenceNo)), ['blocked', '75'])
  assert.deepEqual(words(await bind()), ['declined', 'X40311'])
  await simulator.restart(24 * 60 * MINUTE - 1)
  assert.deepEqual(words(await bind()), ['declined', 'X40311'])
  assert.deepEqual(words(await bind({ cardNumber: '9360000220000000029' })), ['otp-sent', 'W0'])
  assert.equal((await simulator.charge()).body.status, 'approved')
  simulator.advance(1)
  assert.deepEqual(words(await bind()), ['otp-sent', 'W0'])
})

test('a code that comes too late has expired, and a new one brings the binding back', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify, resend, inquire, inbox } = cardsOf(simulator)
  const referenceNo = String((await bind()).body.referenceNo)
  simulator.advance(5 * MINUTE - 1)
  assert.equal((await inquire(referenceNo)).body.status, 'otp-sent')
  simulator.advance(1)
  assert.deepEqual(words(await inquire(referenceNo)), ['expired', 'X40312'])
  assert.deepEqual(words(await verify(referenceNo, 1, RIGHT)), ['expired', 'X40312'])
  const { body } = await resend(referenceNo)
  assert.deepEqual([body.status, body.otpExpiresAt], ['otp-sent', '2026-11-21T03:10:00.000Z'])
  assert.deepEqual(words(await verify(referenceNo, 1, RIGHT)), ['expired', 'X40312'])
  const [message] = await inbox()
  assert.deepEqual(words(await verify(referenceNo, 2, String(message?.code))), ['bound', '00'])
})

test('a new code kills the old one, keeps the count, and comes after a minute, three times at most', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify, resend, inbox } = cardsOf(simulator)
  const referenceNo = String((await bind()).body.referenceNo)
  await verify(referenceNo, 1, WRONG)
  const [first] = await inbox()
  simulator.advance(MINUTE - 1)
  assert.deepEqual(words(await resend(referenceNo)), ['otp-sent', 'X42900'])
  simulator.advance(1)
  const { body } = await resend(referenceNo)
  assert.deepEqual([body.resultCode, body.attemptsLeft], ['W0', 4])
  assert.equal(body.otpExpiresAt, '2026-11-21T03:06:00.000Z')
  assert.equal((await verify(referenceNo, 2, String(first?.code))).body.resultCode, '55')
  for (let resends = 1; resends < 3; resends++) {
    simulator.advance(MINUTE)
    assert.equal((await resend(referenceNo)).body.resultCode, 'W0')
  }
  simulator.advance(MINUTE)
  assert.deepEqual(words(await resend(referenceNo)), ['otp-sent', 'X42900'])
  const messages = await inbox(`?referenceNo=${referenceNo}`)
  assert.equal(messages.length, 4)
  simulator.advance(5 * MINUTE)
  assert.deepEqual(words(await resend(referenceNo)), ['expired', 'X40312'])
})

test('after a restart a code that was not used has to be sent again, and may be at once', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify, resend, inbox, inquire } = cardsOf(simulator)
  const referenceNo = String((await bind()).body.referenceNo)
  await verify(referenceNo, 1, WRONG)
  const [before] = await inbox()
  assert.ok(!readFileSync(simulator.ledgerPath, 'utf8').includes(`"${before?.code}"`))
  await simulator.restart()
  assert.deepEqual(await inbox(), [])
  assert.deepEqual(words(await inquire(referenceNo)), ['otp-sent', 'W0'])
  assert.deepEqual(words(await verify(referenceNo, 2, String(before?.code))), ['expired', 'X40312'])
  assert.equal((await resend(referenceNo)).body.attemptsLeft, 4)
  const [after] = await inbox()
  assert.equal(after?.phone, PHONE)
  const bound = await verify(referenceNo, 3, String(after?.code))
  assert.equal(bound.body.status, 'bound')
  await simulator.restart()
  assert.deepEqual((await inquire(referenceNo)).body, bound.body)
  assert.equal((await verify(referenceNo, 1, WRONG)).body.resultCode, '55')
})

test('a cancelled binding stays so, and a bound one is not cancelled', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify, cancel, resend, inquire } = cardsOf(simulator)
  const referenceNo = String((await bind()).body.referenceNo)
  for (let n = 0; n < 2; n++) assert.deepEqual(words(await cancel(referenceNo)), ['cancelled', 'X40404'])
  assert.deepEqual(words(await verify(referenceNo, 1, RIGHT)), ['cancelled', 'X40404'])
  simulator.advance(MINUTE)
  assert.deepEqual(words(await resend(referenceNo)), ['cancelled', 'X40404'])
  await simulator.restart()
  assert.deepEqual(words(await inquire(referenceNo)), ['cancelled', 'X40404'])

  const bound = String((await bind()).body.referenceNo)
  await verify(bound, 1, RIGHT)
  assert.deepEqual(words(await cancel(bound)), ['bound', '00'])
})

test('a binding without a telephone number sends its code to one that the issuer knows', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, inbox } = cardsOf(simulator)
  await bind({ phoneNo: undefined })
  const [message] = await inbox('?phone=628990000011')
  assert.match(String(message?.code), /^\d{6}$/)
})

const SUCCESS = new Set(['20000', '20200'])

test('every case is answered alike on its card, its telephone, its reference, its token and by control', async (t) => {
  const simulator = await aSimulator(t)
  const { bind } = cardsOf(simulator)
  for (const { case: caseCode, ott } of MAGIC) {
    const carriers: Record<string, Record<string, unknown>> = {
      cpan: { cardNumber: withCheckDigit(`9360000210000${caseCode}`) },
      phone: { phoneNo: `62800000${caseCode}` },
      reference: { merchantReferenceNo: `SIM${caseCode.slice(0, 3)}01${caseCode.slice(3)}A1` },
      ott: { oneTimeToken: ott },
      control: {},
    }
    const { body } = await simulator.charge({
      merchantReferenceNo: `SIM${caseCode.slice(0, 3)}54${caseCode.slice(3)}`,
    })
    const ends: Record<string, unknown[]> = { '20000': ['otp-sent', 'W0'], '20200': ['pending', '09'] }
    const expected = ends[caseCode] ?? ['declined', body.resultCode]
    for (const [carrier, takes] of Object.entries(carriers)) {
      if (carrier === 'control') {
        await simulator.control('POST', '/next', { case: caseCode, match: { operation: 'binding' } })
      }
      assert.deepEqual(words(await bind(takes)), expected, `${caseCode} on ${carrier}`)
    }
  }
})

test('a binding that is pending sends its code when its time has come, asked or not, and after a restart', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify, inquire, inbox } = cardsOf(simulator)
  const soon = String((await bind({ phoneNo: '6280000020200' })).body.referenceNo)
  assert.deepEqual(words(await verify(soon, 1, RIGHT)), ['pending', '09'])
  simulator.advance(4_999)
  assert.deepEqual(await inbox(), [])
  simulator.advance(1)
  assert.equal((await inbox('?phone=6280000020200')).length, 1)
  assert.equal((await inquire(soon)).body.otpExpiresAt, '2026-11-21T03:05:05.000Z')

  const cardNumber = withCheckDigit('936000021010020200')
  const late = String((await bind({ cardNumber })).body.referenceNo)
  await simulator.restart(9_000)
  assert.deepEqual(await inbox(), [])
  simulator.advance(1_000)
  assert.equal((await inbox())[0]?.referenceNo, late)
})

test('a silent issuer is not heard; an inquiry says pending, and then what became of it', async (t) => {
  const simulator = await aSimulator(t)
  const { inquire } = cardsOf(simulator)
  for (const [oneTimeToken, end] of [
    ['40000030', ['otp-sent', 'W0']],
    ['50000030', ['declined', '91']],
  ] as const) {
    const binding = aBinding({ oneTimeToken })
    const given = new AbortController()
    const silent = fetch(`${simulator.url}/network/v1/bindings`, {
      method: 'POST',
      body: JSON.stringify(binding),
      signal: given.signal,
    }).then(
      () => 'answered',
      () => 'given up',
    )
    await until(async () => (await inquire(binding.referenceNo)).status === 200)
    assert.deepEqual(words(await inquire(binding.referenceNo)), ['pending', '09'])
    simulator.advance(30_000)
    assert.deepEqual(words(await inquire(binding.referenceNo)), end)
    given.abort()
    assert.equal(await silent, 'given up')
  }
})

test('the card’s own state and its issuer refuse a binding as they refuse a charge', async (t) => {
  const simulator = await aSimulator(t)
  const { bind } = cardsOf(simulator)
  assert.equal((await bind({ cardNumber: '9360000220000009996' })).body.resultCode, '14')
  assert.equal((await bind({ cardNumber: '9360001420000000001' })).body.resultCode, 'X40403')
  assert.equal((await bind({ cardNumber: '9360123420000000001' })).body.resultCode, '15')
  assert.equal((await bind({ oneTimeToken: '87654321' })).body.resultCode, '55')
  await simulator.control('PUT', '/accounts', { cardNumber: CARD, limit: null, blocked: true })
  assert.equal((await bind()).body.resultCode, '62')
})

test('every case is answered alike by its code, by a card with step 2 and by control', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify, inquire } = cardsOf(simulator)
  const OWN: Record<string, unknown[]> = {
    '20000': ['bound', '00'],
    '20200': ['pending', '09'],
    '40311': ['blocked', '75'],
    '40312': ['expired', 'X40312'],
    '40415': ['otp-sent', '55'],
  }
  for (const { case: caseCode } of MAGIC) {
    const byCode = String((await bind()).body.referenceNo)
    const { body } = await verify(byCode, 1, `9${caseCode}`)
    const expected = OWN[caseCode] ?? ['declined', body.resultCode]
    assert.deepEqual([body.status, body.resultCode], expected, caseCode)
    if (!SUCCESS.has(caseCode) && OWN[caseCode] === undefined) {
      const cardNumber = withCheckDigit(`9360000220000${caseCode}`)
      const byCard = String((await bind({ cardNumber })).body.referenceNo)
      assert.deepEqual(words(await verify(byCard, 1, RIGHT)), expected, `${caseCode} on the card`)
    }
    const byControl = String((await bind()).body.referenceNo)
    await simulator.control('POST', '/next', { case: caseCode, match: { operation: 'verification' } })
    assert.deepEqual(words(await verify(byControl, 1, WRONG)), expected, `${caseCode} by control`)
    if (caseCode !== '20200') continue
    simulator.advance(5_000)
    assert.deepEqual(words(await inquire(byCode)), ['bound', '00'])
  }
})

const FIXED: [otp: string, status: string, resultCode: string][] = [
  ['111000', 'bound', '00'],
  ['112233', 'bound', '00'],
  ['222000', 'bound', '00'],
  ['333000', 'bound', '00'],
  ['222001', 'expired', 'X40312'],
  ['222002', 'blocked', '75'],
  ['222003', 'otp-sent', '55'],
  ['222005', 'declined', '51'],
]
for (const [otp, status, resultCode] of FIXED) {
  test(`the code ${otp} is answered ${status}, and blocks no card`, async (t) => {
    const simulator = await aSimulator(t)
    const { bind, verify, inquire } = cardsOf(simulator)
    const referenceNo = String((await bind()).body.referenceNo)
    assert.deepEqual(words(await verify(referenceNo, 1, otp)), [status, resultCode])
    await simulator.restart()
    const state = status === 'otp-sent' ? ['otp-sent', 'W0'] : [status, resultCode]
    assert.deepEqual(words(await inquire(referenceNo)), state)
    assert.equal((await bind()).body.status, 'otp-sent')
  })
}

test('a card pattern with step 2 and a delay is answered when it is over', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify, inquire } = cardsOf(simulator)
  const cardNumber = withCheckDigit('936000022030040305')
  const referenceNo = String((await bind({ cardNumber })).body.referenceNo)
  const answered = verify(referenceNo, 1, RIGHT)
  await until(async () => (await inquire(referenceNo)).body.status === 'pending')
  simulator.advance(30_000)
  assert.deepEqual(words(await answered), ['declined', '05'])
})

test('the digits of the card never bind with a wrong code', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify } = cardsOf(simulator)
  const cardNumber = withCheckDigit('936000022000020000')
  const referenceNo = String((await bind({ cardNumber })).body.referenceNo)
  assert.deepEqual(words(await verify(referenceNo, 1, WRONG)), ['otp-sent', '55'])
  assert.deepEqual(words(await verify(referenceNo, 2, RIGHT)), ['bound', '00'])
})
