import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAGIC } from '@gerbang/simulator'
import { OUTCOMES, type OutcomeName } from '@gerbang/snap'
import fc from 'fast-check'
import { Secret } from '../../secret.ts'
import type { ChargeSource } from '../charge-source.ts'
import { outcomeOf } from '../network/codes.ts'
import { chargeMessage, readAnswer } from './wire.ts'

const referenceNo = '20260526100000000000000000000001'
const charge = { referenceNo, amountMinor: 1_000_050n }
const amount = { value: '10000.50', currency: 'IDR' }
const read = (text: string) => readAnswer(Buffer.from(text), charge)
const answer = (members: object) =>
  read(JSON.stringify({ referenceNo, resultCode: '00', networkReferenceNo: 'N1', amount, ...members }))

test('a charge message has the members of network API v1', () => {
  const text = chargeMessage({
    referenceNo,
    merchantId: 'BRN-1',
    merchantReferenceNo: 'INV-1',
    amountMinor: 1_000_001n,
    source: {
      kind: 'card',
      chargeToken: new Secret('9360000200000200001'),
      oneTimeToken: new Secret('12345678'),
      keepsCard: false,
    },
    expiresAt: 0,
    confirmBy: 300_000,
  })
  assert.deepEqual(JSON.parse(text), {
    referenceNo,
    merchantReferenceNo: 'INV-1',
    merchantId: 'BRN-1',
    cardNumber: '9360000200000200001',
    oneTimeToken: '12345678',
    amount: { value: '10000.01', currency: 'IDR' },
    expiresAt: '1970-01-01T00:00:00.000Z',
    confirmBy: '1970-01-01T00:05:00.000Z',
  })
})

test('a charge by token has no card number, and says only what was asked', () => {
  const instruction = { referenceNo, merchantId: 'BRN-1', merchantReferenceNo: 'INV-1', amountMinor: 1n }
  const times = { expiresAt: 0, confirmBy: 0 }
  const sourceOf = (source: ChargeSource): object => {
    const { cardNumber, oneTimeToken, tokenise, networkToken, recurring } = JSON.parse(
      chargeMessage({ ...instruction, ...times, source }),
    )
    return { cardNumber, oneTimeToken, tokenise, networkToken, recurring }
  }
  const none = { cardNumber: undefined, oneTimeToken: undefined, tokenise: undefined, recurring: undefined }
  const token = { kind: 'token', networkToken: new Secret('kkit-1234') } as const
  assert.deepEqual(sourceOf({ ...token, oneTimeToken: undefined, isRecurring: true }), {
    ...none,
    networkToken: 'kkit-1234',
    recurring: true,
  })
  assert.deepEqual(sourceOf({ ...token, oneTimeToken: new Secret('12345678'), isRecurring: false }), {
    ...none,
    networkToken: 'kkit-1234',
    oneTimeToken: '12345678',
  })
  const chargeToken = new Secret('9360000200000200001')
  const oneTimeToken = new Secret('12345678')
  assert.deepEqual(sourceOf({ kind: 'card', chargeToken, oneTimeToken, keepsCard: true }), {
    ...none,
    cardNumber: '9360000200000200001',
    oneTimeToken: '12345678',
    tokenise: true,
    networkToken: undefined,
  })
})

test('what an approval says of keeping the card is believed when it is clear', () => {
  const linked = answer({ status: 'approved', linking: 'linked', networkToken: 'kkit-1234' })
  assert.ok(linked.kind === 'paid' && linked.linking?.kind === 'linked')
  assert.equal(linked.linking.networkToken.reveal(), 'kkit-1234')
  const refused = answer({ status: 'approved', linking: 'declined' })
  assert.ok(refused.kind === 'paid')
  assert.deepEqual(refused.linking, { kind: 'declined' })
  assert.ok(!('linking' in answer({ status: 'approved' })))
  const declined = answer({
    status: 'declined',
    resultCode: '51',
    linking: 'linked',
    networkToken: 'kkit-1234',
  })
  assert.ok(!('linking' in declined))
})

test('a clear word about this charge is believed', () => {
  assert.equal(answer({ status: 'approved' }).kind, 'paid')
  assert.equal(answer({ status: 'waiting', resultCode: 'W0' }).kind, 'waiting')
  assert.equal(answer({ status: 'reversed', resultCode: 'R0' }).kind, 'reversed')
  assert.deepEqual(answer({ status: 'declined', resultCode: '51' }), {
    kind: 'declined',
    outcome: 'insufficientFunds',
    networkCode: '51',
  })
})

const UNCLEAR: Readonly<Record<string, object>> = {
  'with an approval that says no': { status: 'approved', resultCode: '51' },
  'with a partial approval': { status: 'approved', resultCode: '10' },
  'about another charge': { status: 'approved', referenceNo: '2'.repeat(32) },
  'with an approval of another amount': { status: 'approved', amount: { ...amount, value: '10000.05' } },
  'with an approval in another currency': { status: 'approved', amount: { ...amount, currency: 'USD' } },
  'with an approval of no amount': { status: 'approved', amount: undefined },
  'that is pending': { status: 'pending', resultCode: '09' },
  'with a decline of an unknown code': { status: 'declined', resultCode: '77' },
  'with a decline that claims success': { status: 'declined', resultCode: 'X20000' },
  'with a decline that claims to be in progress': { status: 'declined', resultCode: 'X20200' },
  'with a decline that claims to be paid already': { status: 'declined', resultCode: 'X40003' },
  'with a decline under a word of JavaScript': { status: 'declined', resultCode: 'constructor' },
  'with an approval that has no number': { status: 'approved', networkReferenceNo: undefined },
  'with an approval whose number is empty': { status: 'approved', networkReferenceNo: '' },
  'with an approval whose number no database holds': { status: 'approved', networkReferenceNo: 'a\0' },
  'with an approval in capitals': { status: 'APPROVED' },
  'with a status that is a list': { status: ['approved'] },
  'without a result code': { status: 'approved', resultCode: undefined },
  'that keeps the card without a token': { status: 'approved', linking: 'linked' },
  'that keeps the card with an empty token': { status: 'approved', linking: 'linked', networkToken: '' },
  'that has a token for a card that is not kept': {
    status: 'approved',
    linking: 'declined',
    networkToken: 'kkit-1234',
  },
  'that has a token and does not say why': { status: 'approved', networkToken: 'kkit-1234' },
  'that may keep the card': { status: 'approved', linking: 'maybe' },
}
for (const [kind, members] of Object.entries(UNCLEAR))
  test(`an answer ${kind} is no clear word`, () => {
    assert.equal(answer(members).kind, 'unresolved')
  })

test('an answer that says two things is no clear word', () => {
  const text = JSON.stringify({ referenceNo, resultCode: '00', networkReferenceNo: 'N1', amount })
  const twice = text.replace('{', '{"status":"declined",').replace(/}$/, ',"status":"approved"}')
  assert.equal((JSON.parse(twice) as { status: string }).status, 'approved')
  assert.equal(read(twice).kind, 'unresolved')
})

test('a charge that is pending is acknowledged by its code', () => {
  assert.equal(Reflect.get(answer({ status: 'pending', resultCode: '09' }), 'networkCode'), '09')
  assert.equal('networkCode' in answer({ status: 'maybe' }), false)
})

const word = fc.constantFrom('approved', 'declined', 'waiting', 'pending', 'reversed', 'ok', '', null, 1)
const code = fc.oneof(
  fc.constantFrom('00', '51', '05', '09', 'W0', 'R0', 'X20000', 'X40314', 'X40003'),
  fc.string(),
)
const reference = fc.constantFrom(referenceNo, '2'.repeat(32), '', null)

test('whatever the network sends, only a clear word about this very charge is final', () => {
  fc.assert(
    fc.property(
      fc.record({
        referenceNo: reference,
        status: word,
        resultCode: code,
        networkReferenceNo: fc.option(fc.string()),
      }),
      (message) => {
        const { kind, ...more } = read(JSON.stringify({ ...message, amount }))
        if (kind === 'unresolved') return
        assert.equal(message.referenceNo, referenceNo)
        const said = { paid: 'approved', declined: 'declined', waiting: 'waiting', reversed: 'reversed' }[
          kind
        ]
        assert.equal(message.status, said)
        if ('outcome' in more) assert.ok(OUTCOMES[more.outcome].status >= 400)
      },
    ),
    { numRuns: 2000 },
  )
})

test('whatever is no JSON object is no clear word, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      assert.equal(read(text).kind, 'unresolved')
    }),
  )
})

test('every code that the simulator declines with has the outcome of its case', () => {
  for (const { case: caseCode } of MAGIC) {
    const outcome = outcomeOf(`X${caseCode}`)
    if (Number(caseCode.slice(0, 3)) < 300) assert.equal(outcome, undefined)
    else
      assert.equal(
        `${OUTCOMES[outcome as OutcomeName].status}${OUTCOMES[outcome as OutcomeName].caseCode}`,
        caseCode,
      )
  }
})

const FIELD_39: Readonly<Record<string, OutcomeName>> = {
  '05': 'doNotHonor',
  '14': 'invalidCard',
  '51': 'insufficientFunds',
  '54': 'cardExpired',
  '55': 'invalidOtp',
  '61': 'exceedsTransactionAmountLimit',
  '75': 'otpBlocked',
  '91': 'timeout',
}
for (const [resultCode, outcome] of Object.entries(FIELD_39))
  test(`result code ${resultCode} means ${outcome}`, () => {
    assert.equal(outcomeOf(resultCode), outcome)
  })

test('no code of a success is in the table of declines', () => {
  for (const resultCode of ['00', '09', 'W0', 'R0', '68', '', 'X', 'X40314x', 'toString', '__proto__'])
    assert.equal(outcomeOf(resultCode), undefined)
})
