import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTCOMES } from '@gerbang/snap'
import fc from 'fast-check'
import { readRefund, refundMessage } from './refunds-wire.ts'

const referenceNo = '20260526100000000000000000000001'
const refund = { referenceNo, amountMinor: 400_050n }
const amount = { value: '4000.50', currency: 'IDR' }
const read = (text: string) => readRefund(Buffer.from(text), refund)
const answer = (members: object) =>
  read(JSON.stringify({ referenceNo, resultCode: '00', networkReferenceNo: 'F1', amount, ...members }))

test('a refund message has the members of network API v1', () => {
  const text = refundMessage({
    referenceNo,
    originalReferenceNo: '1'.repeat(32),
    merchantId: 'BRN-1',
    merchantReferenceNo: 'RF-1',
    amountMinor: 400_001n,
    expiresAt: 0,
  })
  assert.deepEqual(JSON.parse(text), {
    referenceNo,
    originalReferenceNo: '1'.repeat(32),
    merchantId: 'BRN-1',
    merchantReferenceNo: 'RF-1',
    amount: { value: '4000.01', currency: 'IDR' },
    expiresAt: '1970-01-01T00:00:00.000Z',
  })
})

test('a clear word about this refund is believed', () => {
  assert.deepEqual(answer({ status: 'approved' }), {
    kind: 'refunded',
    networkReferenceNo: 'F1',
    networkCode: '00',
  })
  assert.deepEqual(answer({ status: 'declined', resultCode: 'X40400' }), {
    kind: 'declined',
    outcome: 'invalidTransactionStatus',
    networkCode: 'X40400',
  })
})

const UNCLEAR: Readonly<Record<string, object>> = {
  'with an approval that says no': { status: 'approved', resultCode: '13' },
  'with a partial approval': { status: 'approved', resultCode: '10' },
  'about another refund': { status: 'approved', referenceNo: '2'.repeat(32) },
  'with an approval of another amount': { status: 'approved', amount: { ...amount, value: '4000.05' } },
  'with an approval in another currency': { status: 'approved', amount: { ...amount, currency: 'USD' } },
  'with an approval of no amount': { status: 'approved', amount: undefined },
  'with an approval that has no number': { status: 'approved', networkReferenceNo: undefined },
  'with an approval whose number is empty': { status: 'approved', networkReferenceNo: '' },
  'with an approval whose number no database holds': { status: 'approved', networkReferenceNo: 'a\0' },
  'that is pending': { status: 'pending', resultCode: '09' },
  'that waits for a person': { status: 'waiting', resultCode: 'W0' },
  'with a decline of an unknown code': { status: 'declined', resultCode: '77' },
  'with a decline that claims success': { status: 'declined', resultCode: '00' },
  'with a decline that claims to be in progress': { status: 'declined', resultCode: 'X20200' },
  'with a decline under a word of JavaScript': { status: 'declined', resultCode: 'constructor' },
  'with an approval in capitals': { status: 'APPROVED' },
  'with a status that is a list': { status: ['approved'] },
  'without a result code': { status: 'approved', resultCode: undefined },
}
for (const [kind, members] of Object.entries(UNCLEAR))
  test(`an answer ${kind} is no clear word about a refund`, () => {
    assert.equal(answer(members).kind, 'unresolved')
  })

test('a refund that is pending is acknowledged by its code', () => {
  assert.equal(Reflect.get(answer({ status: 'pending', resultCode: '09' }), 'networkCode'), '09')
})

test('whatever the network sends, only a clear word about this very refund is final', () => {
  fc.assert(
    fc.property(
      fc.record({
        referenceNo: fc.constantFrom(referenceNo, '2'.repeat(32), '', null),
        status: fc.constantFrom('approved', 'declined', 'pending', 'waiting', 'reversed', '', null, 1),
        resultCode: fc.oneof(fc.constantFrom('00', '13', '51', '09', 'X40400', 'X20000'), fc.string()),
        networkReferenceNo: fc.option(fc.string()),
        amount: fc.constantFrom(amount, { ...amount, value: '1.00' }, null),
      }),
      (said) => {
        const { kind, ...more } = read(JSON.stringify(said))
        if (kind === 'unresolved') return
        assert.equal(said.referenceNo, referenceNo)
        assert.equal(said.status, kind === 'refunded' ? 'approved' : 'declined')
        if (kind === 'refunded') assert.deepEqual([said.resultCode, said.amount], ['00', amount])
        if ('outcome' in more) assert.ok(OUTCOMES[more.outcome].status >= 400)
      },
    ),
    { numRuns: 2000 },
  )
})

test('whatever is no JSON object is no clear word about a refund, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      assert.equal(read(text).kind, 'unresolved')
    }),
  )
})
