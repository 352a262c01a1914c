import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTCOMES } from '@gerbang/snap'
import fc from 'fast-check'
import { Secret } from '../../secret.ts'
import type { BindingAnswer } from '../channel.ts'
import { readUnbinding, unbindMessage } from '../network/unbindings.ts'
import { bindMessage, readBinding, readResend, verifyMessage } from './cards-wire.ts'

const referenceNo = '20260526100000000000000000000001'
const networkToken = 'kkit0123456789'
const otpExpiresAt = '2026-05-26T10:05:00.000Z'
const sent = { referenceNo, networkReferenceNo: 'B1', otpExpiresAt, attemptsLeft: 5 }
const read = (message: unknown) => readBinding(Buffer.from(JSON.stringify(message)), referenceNo)
const resent = (message: unknown) => readResend(Buffer.from(JSON.stringify(message)), referenceNo)
const unbound = (message: unknown) => readUnbinding(Buffer.from(JSON.stringify(message)), referenceNo)

test('the messages have the members of network API v1, and leave out what is not known', () => {
  const cardNumber = new Secret('9360000200000200001')
  const instruction = {
    referenceNo,
    merchantId: 'BRN-1',
    merchantReferenceNo: 'BIND-1',
    customerId: 'CUST-1',
    subject: { kind: 'card', cardNumber, oneTimeToken: undefined } as const,
    phoneNo: undefined,
    expiresAt: 0,
  }
  const message = {
    referenceNo,
    merchantId: 'BRN-1',
    merchantReferenceNo: 'BIND-1',
    customerId: 'CUST-1',
    cardNumber: '9360000200000200001',
    expiresAt: '1970-01-01T00:00:00.000Z',
  }
  assert.deepEqual(JSON.parse(bindMessage(instruction)), message)
  const subject = { kind: 'card', cardNumber, oneTimeToken: new Secret('12345678') } as const
  const more = { subject, phoneNo: new Secret('6281234567890') }
  assert.deepEqual(JSON.parse(bindMessage({ ...instruction, ...more })), {
    ...message,
    oneTimeToken: '12345678',
    phoneNo: '6281234567890',
  })
  assert.deepEqual(
    JSON.parse(verifyMessage({ referenceNo, step: 'otp', attempt: 2, code: new Secret('012345') })),
    {
      attempt: 2,
      otp: '012345',
    },
  )
  const token = new Secret(networkToken)
  assert.deepEqual(JSON.parse(unbindMessage({ referenceNo, merchantId: 'BRN-1', networkToken: token })), {
    referenceNo,
    merchantId: 'BRN-1',
    networkToken,
  })
})

test('a clear word about this binding is believed', () => {
  const answer = { networkReferenceNo: 'B1', otpExpiresAt: Date.parse(otpExpiresAt), attemptsLeft: 5 }
  assert.deepEqual(read({ ...sent, status: 'otp-sent', resultCode: 'W0' }), {
    kind: 'otp-sent',
    networkCode: 'W0',
    ...answer,
  })
  assert.deepEqual(read({ ...sent, status: 'otp-sent', resultCode: '55' }), {
    kind: 'otp-sent',
    networkCode: '55',
    ...answer,
  })
  const bound = read({ ...sent, status: 'bound', resultCode: '00', networkToken })
  assert.ok(bound.kind === 'bound')
  assert.equal(bound.networkToken.reveal(), networkToken)
  assert.deepEqual(read({ ...sent, status: 'declined', resultCode: '62' }), {
    kind: 'declined',
    outcome: 'cardBlocked',
    networkCode: '62',
  })
  const ENDS = [
    ['blocked', '75'],
    ['blocked', 'X40311'],
    ['expired', 'X40312'],
    ['expired', '54'],
    ['cancelled', 'X40404'],
  ] as const
  for (const [status, resultCode] of ENDS)
    assert.deepEqual(read({ referenceNo, status, resultCode }), { kind: status, networkCode: resultCode })
})

const UNCLEAR: Readonly<Record<string, object>> = {
  'about another binding': { status: 'bound', referenceNo: '2'.repeat(32) },
  'that is bound and says no': { status: 'bound', resultCode: '51' },
  'that is bound and still sends a code': { status: 'bound', resultCode: 'W0' },
  'that is bound without a token': { status: 'bound', networkToken: undefined },
  'that is bound with an empty token': { status: 'bound', networkToken: '' },
  'that is bound with a token that no header holds': { status: 'bound', networkToken: 'token with spaces' },
  'that is bound with a list of tokens': { status: 'bound', networkToken: [networkToken] },
  'that is bound without a number': { status: 'bound', networkReferenceNo: undefined },
  'that is pending': { status: 'pending', resultCode: '09' },
  'that is declined with an unknown code': { status: 'declined', resultCode: '77' },
  'that is declined and claims success': { status: 'declined', resultCode: '00' },
  'that is declined and claims to be in progress': { status: 'declined', resultCode: 'X20200' },
  'that is blocked with the code of something else': { status: 'blocked', resultCode: '51' },
  'that is blocked and successful': { status: 'blocked', resultCode: '00' },
  'that has expired and claims success': { status: 'expired', resultCode: '00' },
  'that is cancelled for lack of funds': { status: 'cancelled', resultCode: '51' },
  'that sent a code and says no': { status: 'otp-sent', resultCode: '51' },
  'that refuses a resend that nobody asked for': { status: 'otp-sent', resultCode: 'X42900' },
  'that sent a code without its end': { status: 'otp-sent', resultCode: 'W0', otpExpiresAt: undefined },
  'that sent a code that ends some day': { status: 'otp-sent', resultCode: 'W0', otpExpiresAt: 'soon' },
  'that sent a code without a count': { status: 'otp-sent', resultCode: 'W0', attemptsLeft: undefined },
  'that counts below nothing': { status: 'otp-sent', resultCode: 'W0', attemptsLeft: -1 },
  'that counts in halves': { status: 'otp-sent', resultCode: 'W0', attemptsLeft: 0.5 },
  'that shouts': { status: 'BOUND' },
  'with a status that is a list': { status: ['bound'] },
  'with a status of JavaScript': { status: 'constructor' },
  'without a result code': { status: 'bound', resultCode: undefined },
}
for (const [kind, members] of Object.entries(UNCLEAR))
  test(`an answer ${kind} is no clear word about a binding`, () => {
    assert.equal(read({ ...sent, resultCode: '00', networkToken, ...members }).kind, 'unresolved')
  })

test('a binding that is pending is acknowledged by its code', () => {
  assert.equal(Reflect.get(read({ ...sent, status: 'pending', resultCode: '09' }), 'networkCode'), '09')
  assert.equal(
    Reflect.get(unbound({ referenceNo, status: 'pending', resultCode: '09' }), 'networkCode'),
    '09',
  )
})

test('a resend that is refused is a decline of the resend, when its reason is known', () => {
  assert.deepEqual(resent({ ...sent, status: 'otp-sent', resultCode: 'X42900' }), {
    kind: 'declined',
    outcome: 'tooManyRequests',
    networkCode: 'X42900',
  })
  assert.equal(resent({ ...sent, status: 'otp-sent', resultCode: 'W0' }).kind, 'otp-sent')
  assert.equal(resent({ ...sent, status: 'otp-sent', resultCode: '77' }).kind, 'unresolved')
  const other = { ...sent, referenceNo: '2'.repeat(32), status: 'otp-sent', resultCode: 'X42900' }
  assert.equal(resent(other).kind, 'unresolved')
  assert.equal(resent({ ...sent, status: 'bound', resultCode: '00', networkToken }).kind, 'bound')
})

const UNCLEAR_UNBINDINGS: Readonly<Record<string, object>> = {
  'about another unbinding': { referenceNo: '2'.repeat(32) },
  'that contradicts itself': { resultCode: '51' },
  'that is pending': { status: 'pending', resultCode: '09' },
  'that is declined with an unknown code': { status: 'declined', resultCode: '77' },
  'that is declined and claims success': { status: 'declined', resultCode: '00' },
  'of a binding': { status: 'bound' },
  'without a result code': { resultCode: undefined },
}
for (const [kind, members] of Object.entries(UNCLEAR_UNBINDINGS))
  test(`an answer ${kind} is no clear word about an unbinding`, () => {
    const answer = { referenceNo, status: 'unbound', resultCode: '00', ...members }
    assert.equal(unbound(answer).kind, 'unresolved')
  })

test('a clear word about this unbinding is believed', () => {
  assert.deepEqual(unbound({ referenceNo, status: 'unbound', resultCode: '00' }), {
    kind: 'unbound',
    networkCode: '00',
  })
  assert.deepEqual(unbound({ referenceNo, status: 'declined', resultCode: 'X40315' }), {
    kind: 'declined',
    outcome: 'transactionNotPermitted',
    networkCode: 'X40315',
  })
})

test('an answer that says two things is no clear word', () => {
  const text = JSON.stringify({ ...sent, resultCode: '00', networkToken })
  const twice = text.replace('{', '{"status":"declined",').replace(/}$/, ',"status":"bound"}')
  assert.equal(readBinding(Buffer.from(twice), referenceNo).kind, 'unresolved')
})

const message = fc.record(
  {
    referenceNo: fc.constantFrom(referenceNo, '2'.repeat(32), '', null),
    status: fc.constantFrom(
      'otp-sent',
      'pending',
      'bound',
      'declined',
      'blocked',
      'expired',
      'cancelled',
      'unbound',
      'ok',
      null,
    ),
    resultCode: fc.oneof(
      fc.constantFrom('00', 'W0', '09', '51', '54', '55', '75', 'X40311', 'X40312', 'X40404', 'X42900'),
      fc.string(),
    ),
    networkReferenceNo: fc.option(fc.string()),
    otpExpiresAt: fc.constantFrom(otpExpiresAt, 'soon', '', null, 5),
    attemptsLeft: fc.option(fc.oneof(fc.integer(), fc.double())),
    networkToken: fc.oneof(fc.constantFrom(networkToken, '', null), fc.string()),
  },
  { requiredKeys: ['referenceNo', 'status'] },
)

/** What an answer claims has to be what the message says, in each word that carries the claim. */
function isEarned(answer: BindingAnswer, said: { [key: string]: unknown }): boolean {
  if (answer.kind === 'unresolved') return true
  if (said.referenceNo !== referenceNo || said.resultCode !== answer.networkCode) return false
  if (answer.kind === 'declined') return OUTCOMES[answer.outcome].status >= 400
  if (said.status !== answer.kind) return false
  if (answer.kind === 'bound') return said.networkToken === answer.networkToken.reveal()
  return answer.kind !== 'otp-sent' || said.attemptsLeft === answer.attemptsLeft
}

test('whatever the network sends, only a clear word about this very binding is final', () => {
  fc.assert(
    fc.property(message, (said) => {
      assert.ok(isEarned(read(said), said), JSON.stringify(said))
      assert.ok(isEarned(resent(said), said), JSON.stringify(said))
      const answer = unbound(said)
      if (answer.kind === 'unbound') {
        assert.deepEqual([said.referenceNo, said.status, said.resultCode], [referenceNo, 'unbound', '00'])
      }
    }),
    { numRuns: 3000 },
  )
})

test('whatever is no JSON object is no clear word about a card, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const reader of [readBinding, readResend, readUnbinding])
        assert.equal(reader(Buffer.from(text), referenceNo).kind, 'unresolved')
    }),
  )
})
