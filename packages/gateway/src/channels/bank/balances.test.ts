import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readBalances } from './balances.ts'

const inquiryNo = 'q-1'
const amount = { value: '25000000.00', currency: 'IDR' }
const hold = { value: '0.00', currency: 'IDR' }
const balances = [{ type: 'CASH', amount, hold }]
const answer = (members: object) =>
  readBalances(Buffer.from(JSON.stringify({ inquiryNo, resultCode: '00', balances, ...members })), inquiryNo)

test('balances are taken with what is held of them, nought too', () => {
  assert.deepEqual(answer({}), {
    kind: 'balance',
    balances: [{ balanceType: 'CASH', amountMinor: 2_500_000_000n, holdMinor: 0n }],
  })
  assert.deepEqual(answer({ resultCode: '14', balances: undefined }), {
    kind: 'declined',
    outcome: 'invalidCard',
    networkCode: '14',
  })
})

const UNCLEAR: Readonly<Record<string, object>> = {
  'to another question': { inquiryNo: 'q-2' },
  'without balances': { balances: undefined },
  'in another currency': { balances: [{ type: 'CASH', amount: { ...amount, currency: 'USD' }, hold }] },
  'below nought': { balances: [{ type: 'CASH', amount: { ...amount, value: '-1.00' }, hold }] },
  'with one amount that is none': {
    balances: [...balances, { type: 'POINTS', amount, hold: { ...hold, value: '0' } }],
  },
  'with an unknown code': { resultCode: '77' },
  'that is a number': { balances: 25_000_000 },
}
for (const [kind, members] of Object.entries(UNCLEAR))
  test(`an answer ${kind} is no balance`, () => assert.equal(answer(members).kind, 'unresolved'))

test('whatever is no JSON object is no balance, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      assert.equal(readBalances(Buffer.from(text), inquiryNo).kind, 'unresolved')
    }),
  )
})
