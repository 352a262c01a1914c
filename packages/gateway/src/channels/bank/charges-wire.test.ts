import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTCOMES } from '@gerbang/snap'
import fc from 'fast-check'
import { Secret } from '../../secret.ts'
import type { ChargeSource } from '../charge-source.ts'
import { chargeMessage, confirmMessage, readCharge, readConfirmation } from './charges-wire.ts'

const referenceNo = '20260526100000000000000000000001'
const charge = { referenceNo, amountMinor: 1_000_050n }
const amount = { value: '10000.50', currency: 'IDR' }
const whole = { referenceNo, resultCode: '00', networkReferenceNo: 'D1', amount }
const bytes = (members: object) => Buffer.from(JSON.stringify({ ...whole, ...members }))
const answer = (members: object) => readCharge(bytes(members), charge)
const confirmation = (members: object) => readConfirmation(bytes(members), charge)
const waits = { status: 'waiting', resultCode: 'W0' }
const otp = { step: 'otp', attemptsLeft: 5, otpExpiresAt: '2026-05-26T10:05:00.000Z' }

const instruction = { referenceNo, merchantId: 'BRN-1', merchantReferenceNo: 'INV-1', amountMinor: 1n }
const membersOf = (source: ChargeSource): object =>
  JSON.parse(chargeMessage({ ...instruction, expiresAt: 0, confirmBy: 300_000, source }))
const token = { kind: 'token', networkToken: new Secret('cimbt-1234'), oneTimeToken: undefined } as const

test('a charge message says what is charged, and only what was asked', () => {
  const shared = {
    ...{ referenceNo, merchantId: 'BRN-1', merchantReferenceNo: 'INV-1' },
    amount: { value: '0.01', currency: 'IDR' },
    expiresAt: '1970-01-01T00:00:00.000Z',
    confirmBy: '1970-01-01T00:05:00.000Z',
  }
  const networkToken = 'cimbt-1234'
  assert.deepEqual(membersOf({ ...token, isRecurring: false }), { ...shared, networkToken })
  const recurring = { ...shared, networkToken, recurring: true }
  assert.deepEqual(membersOf({ ...token, isRecurring: true }), recurring)
  const withPin = { ...shared, networkToken, canAskPin: true }
  assert.deepEqual(membersOf({ ...token, isRecurring: false, canAskPin: true }), withPin)
  const paidWith = [{ method: 'POINTS', amountMinor: 1n }]
  const payOptions = [{ method: 'POINTS', amount: { value: '0.01', currency: 'IDR' } }]
  const withPoints = { ...shared, networkToken, payOptions }
  assert.deepEqual(membersOf({ ...token, isRecurring: false, paidWith }), withPoints)
  const page = { kind: 'jump-app', returnUrl: 'https://toko.example/', orderTitle: undefined } as const
  assert.deepEqual(membersOf(page), { ...shared, returnUrl: 'https://toko.example/' })
})

test('a card number is never sent to a bank that keeps accounts', () => {
  const card = {
    kind: 'card',
    chargeToken: new Secret('9360000220000000011'),
    oneTimeToken: new Secret('12345678'),
    keepsCard: false,
  } as const
  assert.throws(() => membersOf(card), /no card numbers/)
})

test('a code is sent with its step and its number', () => {
  const text = confirmMessage({ step: 'pin', attempt: 2, code: new Secret('123456') })
  assert.deepEqual(JSON.parse(text), { step: 'pin', attempt: 2, code: '123456' })
})

test('a clear word is taken', () => {
  const networkReferenceNo = 'D1'
  assert.deepEqual(answer({ status: 'approved' }), { kind: 'paid', networkReferenceNo, networkCode: '00' })
  const declined = { kind: 'declined', outcome: 'insufficientFunds', networkCode: '51' }
  assert.deepEqual(answer({ status: 'declined', resultCode: '51' }), declined)
  assert.deepEqual(answer({ status: 'reversed', resultCode: 'R0' }), { kind: 'reversed', networkCode: 'R0' })
  const waiting = { kind: 'waiting', networkReferenceNo, networkCode: 'W0' }
  const otpExpiresAt = Date.parse(otp.otpExpiresAt)
  assert.deepEqual(answer({ ...waits, ...otp }), { ...waiting, step: 'otp', attemptsLeft: 5, otpExpiresAt })
  assert.deepEqual(answer({ ...waits, step: 'app' }), { ...waiting, step: 'app' })
  const redirectUrl = 'https://wallet.example/pay/1'
  assert.deepEqual(answer({ ...waits, redirectUrl }), { ...waiting, redirectUrl })
})

test('what a charge that waits says of a code is told of the code alone', () => {
  const wrong = { ...waits, ...otp, resultCode: '55', attemptsLeft: 4 }
  assert.deepEqual(confirmation(wrong), { kind: 'wrong-code', networkCode: '55', attemptsLeft: 4 })
  assert.equal(answer(wrong).kind, 'waiting')
  const old = { ...waits, ...otp, resultCode: 'X40312' }
  assert.deepEqual(confirmation(old), { kind: 'code-expired', networkCode: 'X40312' })
  assert.equal(answer(old).kind, 'waiting')
  const unsent = { ...waits, step: 'otp', attemptsLeft: 5, resultCode: 'X40406' }
  assert.deepEqual(confirmation(unsent), { kind: 'code-wanted', networkCode: 'X40406' })
  assert.equal(answer(unsent).kind, 'waiting')
  assert.equal(confirmation({ ...waits, step: 'pin', attemptsLeft: 5 }).kind, 'waiting')
  assert.equal(confirmation({ status: 'approved' }).kind, 'paid')
})

const UNCLEAR: Readonly<Record<string, object>> = {
  'that says no and yes': { status: 'approved', resultCode: '51' },
  'of a partial approval': { status: 'approved', resultCode: '10' },
  'about another charge': { status: 'approved', referenceNo: '2'.repeat(32) },
  'about another amount': { status: 'approved', amount: { ...amount, value: '10000.05' } },
  'in another currency': { status: 'approved', amount: { ...amount, currency: 'USD' } },
  'about no amount': { status: 'approved', amount: undefined },
  'without a number': { status: 'approved', networkReferenceNo: undefined },
  'that waits without a number': { ...waits, step: 'app', networkReferenceNo: undefined },
  'that waits and is approved': { ...waits, resultCode: '00', step: 'app' },
  'that waits for a code without attempts': { ...waits, ...otp, attemptsLeft: undefined },
  'that waits for an application with attempts': { ...waits, step: 'app', attemptsLeft: 3 },
  'whose PIN grows old': { ...waits, ...otp, step: 'pin' },
  'whose code ends on no day': { ...waits, ...otp, otpExpiresAt: '2026-99-99T10:05:00.000Z' },
  'that sends its customer to a script': { ...waits, redirectUrl: 'javascript:alert(1)' },
  'that sends its customer nowhere': { ...waits, redirectUrl: 'https://' },
  'that waits for something else': { ...waits, step: 'fingerprint' },
  'that is pending': { status: 'pending', resultCode: '09' },
  'declined with an unknown code': { status: 'declined', resultCode: '77' },
  'declined with a success': { status: 'declined', resultCode: '00' },
  'declined while in progress': { status: 'declined', resultCode: 'X20200' },
  'declined with a word of JavaScript': { status: 'declined', resultCode: 'constructor' },
  'in capitals': { status: 'APPROVED' },
  'whose status is a list': { status: ['approved'] },
}
for (const [kind, members] of Object.entries(UNCLEAR))
  test(`an answer ${kind} is no clear word about a charge`, () => {
    assert.equal(answer(members).kind, 'unresolved')
    assert.equal(confirmation(members).kind, 'unresolved')
  })

test('a member that stands twice makes an answer unclear', () => {
  const text = bytes({ status: 'approved' }).toString().replace('{', '{"status":"declined",')
  assert.equal(readCharge(Buffer.from(text), charge).kind, 'unresolved')
})

test('whatever the bank sends, only a clear word about this very charge is final', () => {
  fc.assert(
    fc.property(
      fc.record({
        referenceNo: fc.constantFrom(referenceNo, '2'.repeat(32), '', null),
        status: fc.constantFrom('approved', 'declined', 'pending', 'waiting', 'reversed', '', null, 1),
        resultCode: fc.oneof(fc.constantFrom('00', '55', '51', 'W0', 'X40312', 'X20000'), fc.string()),
        networkReferenceNo: fc.option(fc.string()),
        amount: fc.constantFrom(amount, { ...amount, value: '1.00' }, null),
        step: fc.option(fc.constantFrom('otp', 'pin', 'app', 'x'), { nil: undefined }),
        attemptsLeft: fc.option(fc.integer({ min: -1, max: 5 }), { nil: undefined }),
      }),
      (said) => {
        for (const read of [readCharge, readConfirmation]) {
          const { kind, ...more } = read(Buffer.from(JSON.stringify(said)), charge)
          if (kind === 'unresolved') continue
          assert.equal(said.referenceNo, referenceNo)
          const words = { paid: 'approved', declined: 'declined', reversed: 'reversed' } as const
          assert.equal(said.status, kind in words ? words[kind as keyof typeof words] : 'waiting')
          if (kind === 'paid') assert.deepEqual([said.resultCode, said.amount], ['00', amount])
          if ('outcome' in more) assert.ok(OUTCOMES[more.outcome].status >= 400)
        }
      },
    ),
    { numRuns: 3000 },
  )
})

test('whatever is no JSON object is no clear word, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      assert.equal(readCharge(Buffer.from(text), charge).kind, 'unresolved')
      assert.equal(readConfirmation(Buffer.from(text), charge).kind, 'unresolved')
    }),
  )
})
