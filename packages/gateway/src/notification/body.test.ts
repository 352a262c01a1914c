import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bindingBody, masked, paymentBody, Unwritable } from './body.ts'
import type { BindingSubject, PaymentSubject } from './subjects/subject.ts'

const PAYMENT: PaymentSubject = {
  partnerReferenceNo: 'INV-1',
  referenceNo: '1'.repeat(32),
  externalId: '42',
  channel: 'KARTU_KREDIT_INDONESIA_SNAP',
  state: 'paid',
  amountMinor: 1_000_000n,
  variant: 'V1',
  bindState: undefined,
  bankCardToken: undefined,
  customerId: undefined,
  account: undefined,
  particulars: {},
}
const TOKEN = 'ab'.repeat(16)
const told = (payment: Partial<PaymentSubject>, isRefunded = false) => {
  const { body, secrets } = paymentBody({ ...PAYMENT, ...payment }, { isRefunded, acquirerId: 'KKI' })
  return { body, secrets, ...JSON.parse(body) }
}

for (const [state, isRefunded, status, word] of [
  ['paid', false, '00', 'Success'],
  ['declined', false, '06', 'Failed'],
  ['reversed', false, '05', 'Canceled'],
  ['paid', true, '04', 'Refunded'],
] as const)
  test(`a payment that is ${isRefunded ? 'given back' : state} is told as ${status}`, () => {
    const { latestTransactionStatus, transactionStatusDesc } = told({ state }, isRefunded)
    assert.deepEqual([latestTransactionStatus, transactionStatusDesc], [status, word])
  })

for (const state of ['submitted', 'waiting', 'unresolved'] as const)
  test(`of a payment that is ${state} there is nothing to tell`, () => {
    assert.throws(() => told({ state }), Unwritable)
  })

test('what the partner sent is told again', () => {
  const lineItems = [{ name: 'Kopi', price: '5000.00', quantity: 2 }]
  const { additionalInfo } = told({
    particulars: { custIdMerchant: 'C-1', lineItems },
  })
  assert.deepEqual([additionalInfo.custIdMerchant, additionalInfo.lineItems], ['C-1', lineItems])
})

test('line items are told with prices of two decimals, whole numbers of pieces and names of 32 characters at most', () => {
  const longName = `${'Kopi susu gula aren '.repeat(3)}🍜`
  const { additionalInfo } = told({
    particulars: {
      lineItems: [
        { name: 'Kopi', price: 5000.5, quantity: '2', sku: 'K-1' },
        { name: longName, price: '10000', quantity: 1 },
        { name: `${'x'.repeat(31)}🍜`, price: '-2500.000', quantity: 1.5 },
        { name: '', price: 0.1 + 0.2, quantity: '1e3' },
        { price: '9360[masked]', quantity: 3 },
        'no item',
      ],
    },
  })
  assert.deepEqual(additionalInfo.lineItems, [
    { name: 'Kopi', price: '5000.50', quantity: 2 },
    { name: longName.slice(0, 32), price: '10000.00', quantity: 1 },
    { name: 'x'.repeat(31), price: '-2500.00' },
    { quantity: 3 },
  ])
  assert.equal(told({ particulars: { lineItems: [{ sku: 1 }, null] } }).additionalInfo.lineItems, undefined)
})

test('without a customer of its own a payment with a kept card names the one who bound it, and V4 is recurring', () => {
  const { additionalInfo } = told({ variant: 'V4', bankCardToken: TOKEN, customerId: 'C-2' })
  assert.deepEqual([additionalInfo.custIdMerchant, additionalInfo.paymentType], ['C-2', 'RECURRING'])
  assert.equal(additionalInfo.bankCardToken, undefined, 'the partner has it')
})

for (const [variant, paymentType] of [
  ['V1', 'SALE'],
  ['V3', 'SALE'],
  ['V4', 'RECURRING'],
  ['V5', 'SALE'],
] as const)
  test(`a payment ${variant} is told as ${paymentType}, whatever its partner called it`, () => {
    const { additionalInfo } = told({ variant, particulars: { paymentType: 'foo' } })
    assert.equal(additionalInfo.paymentType, paymentType)
  })

test('a payment that bound its card tells the token, one whose cardholder refused tells that', () => {
  const bound = told({ variant: 'V2', bindState: 'bound', bankCardToken: TOKEN })
  assert.deepEqual([bound.additionalInfo.bankCardToken, bound.additionalInfo.bindStatus], [TOKEN, 'SUCCESS'])
  assert.deepEqual(bound.secrets, [TOKEN])
  const refused = told({ variant: 'V2', bindState: 'declined' })
  assert.deepEqual(
    [refused.additionalInfo.bankCardToken, refused.additionalInfo.bindStatus],
    [undefined, 'FAILED'],
  )
})

test('the body is what a library writes that parses it and writes it anew, whatever a partner called its goods', () => {
  const name = 'Ayu Çelik – Ω 🍜'
  const { body } = told({ particulars: { lineItems: [{ name }] } })
  assert.ok(body.includes(`"${name}"`), body)
  assert.equal(JSON.stringify(JSON.parse(body)), body)
})

const BINDING: BindingSubject = {
  kind: 'card',
  referenceNo: '2'.repeat(32),
  externalId: '43',
  channel: 'KARTU_KREDIT_INDONESIA_SNAP',
  customerId: 'C-1',
  bankCardToken: TOKEN,
  createdAt: 0,
}

test('a binding tells its code and token, a failed one the code that its request was answered with', () => {
  assert.deepEqual(bindingBody(BINDING, '2238'), {
    body: `{"originalExternalId":"43","additionalInfo":{"status":"SUCCESS","custIdMerchant":"C-1","authCode":"2238","bankCardToken":"${TOKEN}"}}`,
    secrets: ['2238', TOKEN],
  })
  assert.deepEqual(bindingBody({ ...BINDING, bankCardToken: undefined }, '2238'), {
    body: '{"originalExternalId":"43","additionalInfo":{"status":"FAILED","custIdMerchant":"C-1","authCode":"2238"}}',
    secrets: ['2238'],
  })
})

test('a kept account tells the code that opens its tokens, and no token of its own', () => {
  assert.deepEqual(bindingBody({ ...BINDING, kind: 'account' }, '2238'), {
    body: '{"originalExternalId":"43","additionalInfo":{"status":"SUCCESS","custIdMerchant":"C-1","authCode":"2238"}}',
    secrets: ['2238'],
  })
})

test('what is kept shows no secret, no card number and nothing that the database cannot hold', () => {
  assert.equal(
    masked(`a ${TOKEN} b ${TOKEN} 9360000220000000037 \u0000`, [TOKEN]),
    'a [masked] b [masked] 9360[masked] \ufffd',
  )
})
