import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Secret } from '../../secret.ts'
import type { BindInstruction } from '../channel.ts'
import { bindMessage, readBinding, readResend } from './bindings-wire.ts'

const referenceNo = '20260526100000000000000000000001'
const otpExpiresAt = '2026-05-26T10:05:00.000Z'
const whole = { referenceNo, resultCode: 'W0', networkReferenceNo: 'A1' }
const bytes = (members: object) => Buffer.from(JSON.stringify({ ...whole, ...members }))
const answer = (members: object) => readBinding(bytes(members), referenceNo)
const resent = (members: object) => readResend(bytes(members), referenceNo)

const named = { networkReferenceNo: 'A1', networkCode: 'W0' }

const messageOf = (subject: BindInstruction['subject']) =>
  JSON.parse(
    bindMessage({
      referenceNo,
      merchantId: 'BRN-1',
      merchantReferenceNo: 'BIND-1',
      customerId: 'CUST-1',
      subject,
      phoneNo: new Secret('6281234567890'),
      expiresAt: 0,
    }),
  )

test('an account is named by its telephone, a card by its digits besides', () => {
  const shared = {
    ...{ referenceNo, merchantId: 'BRN-1', merchantReferenceNo: 'BIND-1', customerId: 'CUST-1' },
    phoneNo: '6281234567890',
    expiresAt: '1970-01-01T00:00:00.000Z',
  }
  const device = { deviceModel: 'Pixel', osType: 'android', channelId: 'app' }
  assert.deepEqual(messageOf({ kind: 'account', device }), { ...shared, device })
  const card = { kind: 'card', cardNumber: new Secret('7801'), oneTimeToken: undefined } as const
  assert.deepEqual(messageOf(card), { ...shared, card: { number: '7801' } })
  const withExpiry = messageOf({ ...card, expiry: new Secret('1230') })
  assert.deepEqual(withExpiry.card, { number: '7801', expiry: '1230' })
})

test('a clear word is taken', () => {
  assert.deepEqual(answer({ status: 'otp-wanted' }), { kind: 'otp-wanted', ...named })
  const sent = { kind: 'otp-sent', ...named, otpExpiresAt: Date.parse(otpExpiresAt), attemptsLeft: 5 }
  assert.deepEqual(answer({ status: 'otp-sent', otpExpiresAt, attemptsLeft: 5 }), sent)
  assert.deepEqual(answer({ status: 'pin-wanted', attemptsLeft: 5 }), {
    kind: 'pin-wanted',
    ...named,
    attemptsLeft: 5,
  })
  const bound = answer({ status: 'bound', resultCode: '00', networkToken: 'cimbt-1234' })
  assert.ok(bound.kind === 'bound' && bound.networkToken.reveal() === 'cimbt-1234')
  assert.deepEqual(answer({ status: 'blocked', resultCode: '75' }), { kind: 'blocked', networkCode: '75' })
  const expired = { kind: 'expired', networkCode: 'X40312' }
  assert.deepEqual(answer({ status: 'expired', resultCode: 'X40312' }), expired)
  const cancelled = { kind: 'cancelled', networkCode: 'X40404' }
  assert.deepEqual(answer({ status: 'cancelled', resultCode: 'X40404' }), cancelled)
  const declined = { kind: 'declined', outcome: 'cardBlocked', networkCode: '62' }
  assert.deepEqual(answer({ status: 'declined', resultCode: '62' }), declined)
})

test('a code that was not sent anew is told with its reason, and one that was is none the worse', () => {
  const open = { status: 'otp-sent', otpExpiresAt, attemptsLeft: 5 }
  const refused = { kind: 'declined', outcome: 'tooManyRequests', networkCode: 'X42900' }
  assert.deepEqual(resent({ ...open, resultCode: 'X42900' }), refused)
  assert.equal(resent(open).kind, 'otp-sent')
  assert.equal(answer({ ...open, resultCode: 'X42900' }).kind, 'unresolved')
})

const UNCLEAR: Readonly<Record<string, object>> = {
  'that is bound without a token': { status: 'bound', resultCode: '00' },
  'that is bound and says no': { status: 'bound', resultCode: '51', networkToken: 'cimbt-1234' },
  'that is bound without a number': {
    ...{ status: 'bound', resultCode: '00', networkToken: 'cimbt-1234' },
    networkReferenceNo: undefined,
  },
  'about another binding': { status: 'otp-wanted', referenceNo: '2'.repeat(32) },
  'with a code without an end': { status: 'otp-sent', attemptsLeft: 5 },
  'with a code without attempts': { status: 'otp-sent', otpExpiresAt },
  'with a PIN without attempts': { status: 'pin-wanted' },
  'with a PIN that says yes': { status: 'pin-wanted', resultCode: '00', attemptsLeft: 5 },
  'that wants a code and has a strange one': { status: 'otp-wanted', resultCode: '51' },
  'that is blocked for another reason': { status: 'blocked', resultCode: '51' },
  'that is pending': { status: 'pending', resultCode: '09' },
  'declined with an unknown code': { status: 'declined', resultCode: '77' },
  'with a status that nobody knows': { status: 'linked' },
}
for (const [kind, members] of Object.entries(UNCLEAR))
  test(`an answer ${kind} is no clear word about a binding`, () => {
    assert.equal(answer(members).kind, 'unresolved')
  })

test('whatever the bank sends, only a clear word about this very binding brings a token', () => {
  fc.assert(
    fc.property(
      fc.record({
        referenceNo: fc.constantFrom(referenceNo, '2'.repeat(32), '', null),
        status: fc.constantFrom('bound', 'declined', 'pending', 'otp-sent', 'pin-wanted', 'x', null),
        resultCode: fc.oneof(fc.constantFrom('00', '55', '51', 'W0', 'X40312', 'X20000'), fc.string()),
        networkReferenceNo: fc.option(fc.string()),
        networkToken: fc.option(fc.string(), { nil: undefined }),
        attemptsLeft: fc.option(fc.integer({ min: -1, max: 5 }), { nil: undefined }),
      }),
      (said) => {
        for (const read of [readBinding, readResend]) {
          const { kind } = read(Buffer.from(JSON.stringify(said)), referenceNo)
          if (kind === 'unresolved') continue
          assert.equal(said.referenceNo, referenceNo)
          if (kind === 'bound') assert.deepEqual([said.status, said.resultCode], ['bound', '00'])
        }
      },
    ),
    { numRuns: 2000 },
  )
})

test('whatever is no JSON object is no clear word, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const read of [readBinding, readResend])
        assert.equal(read(Buffer.from(text), referenceNo).kind, 'unresolved')
    }),
  )
})
