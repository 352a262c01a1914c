import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Compile } from 'typebox/compile'
import { paymentVariant, statusReference } from './body-rules.ts'
import { type BodyFault, checkBody } from './check-body.ts'
import { AccessTokenB2b } from './contracts/access-token-b2b.ts'
import { CONTRACTS } from './contracts/contracts.ts'
import { type PaymentBody, PaymentHostToHost } from './contracts/payment-host-to-host.ts'
import { Status } from './contracts/status.ts'
import { withoutAbsent } from './json-text.ts'
import { SERVICE_CODES } from './response-codes.ts'

const payment: PaymentBody = {
  partnerReferenceNo: 'INV-0001',
  chargeToken: '9360000801234567890',
  otp: '12345678',
  amount: { value: '150000.00', currency: 'IDR' },
  additionalInfo: {
    channel: 'KARTU_KREDIT_INDONESIA_SNAP',
    customer: { customerId: 'CUST001', customerName: 'Ayu Çelik – Ω', postalCode: 12190 },
    lineItems: [{ name: 'Kopi', price: '150000.00', quantity: '1' }],
  },
}

const missing = (field: string): BodyFault => ({ kind: 'missing', field })
const format = (field: string): BodyFault => ({ kind: 'format', field })
const faultOf = (change: object) => checkBody(PaymentHostToHost, withoutAbsent({ ...payment, ...change }))

test('a payment as documented passes, whatever unknown members it carries', () => {
  assert.equal(faultOf({}), undefined)
  assert.equal(
    faultOf({ unknown: [{}], additionalInfo: { origin: { product: 'SDK' }, channel: 'X' } }),
    undefined,
  )
  assert.equal(faultOf({ chargeToken: undefined, otp: null, bankCardToken: 'a'.repeat(2048) }), undefined)
})

test('mandatory members are missed by their path, null and empty ones too', () => {
  for (const value of [null, '']) {
    assert.deepEqual(faultOf({ partnerReferenceNo: value }), missing('partnerReferenceNo'))
    assert.deepEqual(faultOf({ amount: value }), missing('amount'))
    assert.deepEqual(faultOf({ amount: { value, currency: 'IDR' } }), missing('amount.value'))
    assert.deepEqual(faultOf({ amount: { value: '1.00', currency: value } }), missing('amount.currency'))
  }
  assert.deepEqual(checkBody(PaymentHostToHost, {}), missing('partnerReferenceNo'))
})

test('a missing member is named before a malformed one, wherever it stands', () => {
  assert.deepEqual(
    faultOf({ partnerReferenceNo: 7, otp: '1', amount: { value: 'x' } }),
    missing('amount.currency'),
  )
})

test('each format has its limit', () => {
  const malformed: [object, string][] = [
    [{ partnerReferenceNo: 'a'.repeat(65) }, 'partnerReferenceNo'],
    [{ partnerReferenceNo: 'é' }, 'partnerReferenceNo'],
    [{ partnerReferenceNo: 'a\u0000' }, 'partnerReferenceNo'],
    [{ partnerReferenceNo: 'a\n' }, 'partnerReferenceNo'],
    [{ partnerReferenceNo: 1 }, 'partnerReferenceNo'],
    [{ amount: '10000.00' }, 'amount'],
    [{ amount: { value: '10000', currency: 'IDR' } }, 'amount.value'],
    [{ amount: { value: 10000.5, currency: 'IDR' } }, 'amount.value'],
    [{ amount: { value: '12345678901234567.00', currency: 'IDR' } }, 'amount.value'],
    [{ amount: { value: '1.00', currency: 'idr' } }, 'amount.currency'],
    [{ chargeToken: 'a'.repeat(65) }, 'chargeToken'],
    [{ otp: 12345678 }, 'otp'],
    [{ bankCardToken: 'a'.repeat(2049) }, 'bankCardToken'],
    [{ additionalInfo: [1] }, 'additionalInfo'],
    [{ additionalInfo: { successPaymentUrl: 'a b' } }, 'additionalInfo.successPaymentUrl'],
    [{ urlParam: { url: 'x' } }, 'urlParam'],
    [{ additionalInfo: { channel: 'a'.repeat(65) } }, 'additionalInfo.channel'],
    [{ additionalInfo: { remarks: 'a\u0000b' } }, 'additionalInfo.remarks'],
    [{ additionalInfo: { lineItems: [{}, { price: [7] }] } }, 'additionalInfo.lineItems.1.price'],
  ]
  for (const [change, field] of malformed)
    assert.deepEqual(faultOf(change), format(field), JSON.stringify(change))
  for (const nothing of [[], {}, '', null])
    for (const member of ['additionalInfo', 'payOptionDetails', 'urlParam', 'validUpTo'])
      assert.equal(faultOf({ [member]: nothing }), undefined, member)
})

test('a body that is no object is malformed as a whole', () => {
  for (const value of [null, [], 'text', 7, true]) {
    assert.deepEqual(checkBody(PaymentHostToHost, value), format('body'))
  }
})

test('the variant follows from token, flag and payment type', () => {
  const kept = { chargeToken: undefined, otp: undefined, bankCardToken: 'de52e5820f4c381db88a1cf91d57b73e' }
  const variants: [object, ReturnType<typeof paymentVariant>][] = [
    [{}, { variant: 'V1' }],
    [{ additionalInfo: { isBindAndPay: 'N' } }, { variant: 'V1' }],
    [{ additionalInfo: { isBindAndPay: 'y' } }, { variant: 'V2' }],
    [{ additionalInfo: { isBindAndPay: true } }, { variant: 'V2' }],
    [{ isBindAndPay: 1 }, { variant: 'V2' }],
    [kept, { variant: 'V3' }],
    [{ ...kept, additionalInfo: { paymentType: 'SALE' } }, { variant: 'V3' }],
    [{ ...kept, additionalInfo: { paymentType: 'recurring' } }, { variant: 'V4' }],
    [{ ...kept, isBindAndPay: 'Yes' }, format('additionalInfo.isBindAndPay')],
    [{ additionalInfo: { paymentType: 'RECURRING' } }, missing('bankCardToken')],
    [{ chargeToken: undefined, otp: undefined }, missing('chargeToken')],
    [{ otp: undefined }, missing('otp')],
    [{ chargeToken: '9360000012345678' }, { variant: 'V1' }],
    [{ chargeToken: '93600000123456789012' }, { variant: 'V1' }],
    [{ chargeToken: '936000012345678' }, format('chargeToken')],
    [{ chargeToken: '936000012345678901234' }, format('chargeToken')],
    [{ chargeToken: '9361000012345678', otp: undefined }, format('chargeToken')],
    [{ otp: '1234567' }, format('otp')],
    [{ otp: '123456789', chargeToken: undefined }, format('otp')],
    [{ ...kept, chargeToken: '4000000012345678' }, format('chargeToken')],
  ]
  for (const [change, expected] of variants) {
    const body = withoutAbsent(JSON.parse(JSON.stringify({ ...payment, ...change }))) as PaymentBody
    assert.equal(checkBody(PaymentHostToHost, body), undefined)
    assert.deepEqual(paymentVariant(body), expected, JSON.stringify(change))
  }
})

test('a token request accepts its grant type in any case and anything beside it', () => {
  for (const additionalInfo of [undefined, [], {}, '', 7]) {
    const body = withoutAbsent({ grantType: 'CLIENT_Credentials', additionalInfo })
    assert.equal(checkBody(AccessTokenB2b, body), undefined)
  }
  assert.deepEqual(checkBody(AccessTokenB2b, {}), missing('grantType'))
  assert.deepEqual(checkBody(AccessTokenB2b, { grantType: 'authorization_code' }), format('grantType'))
  assert.deepEqual(checkBody(AccessTokenB2b, { grantType: 'client_credentials\n' }), format('grantType'))
})

test('a status request is accepted as client libraries send it', () => {
  const bodies = [
    { originalPartnerReferenceNo: 'INV-1', serviceCode: '55', amount: { value: '', currency: '' } },
    { originalReferenceNo: '1'.repeat(32), serviceCode: 54, originalPartnerReferenceNo: null },
    { originalExternalId: 'x', amount: null, additionalInfo: { channel: 'X', origin: {} } },
  ]
  for (const body of bodies) assert.equal(checkBody(Status, withoutAbsent(body)), undefined)
  assert.deepEqual(checkBody(Status, { originalReferenceNo: 'a'.repeat(65) }), format('originalReferenceNo'))
})

test('a status request names at least one reference', () => {
  assert.deepEqual(statusReference({ originalReferenceNo: 'R' }), { originalReferenceNo: 'R' })
  assert.deepEqual(statusReference({ serviceCode: '55' }), missing('originalPartnerReferenceNo'))
})

test('a token or payment reply has the members that clients know', () => {
  const head = ['responseCode', 'responseMessage']
  assert.deepEqual(Object.keys(AccessTokenB2b.reply.properties), [
    ...head,
    'accessToken',
    'tokenType',
    'expiresIn',
    'additionalInfo',
  ])
  assert.deepEqual(Object.keys(PaymentHostToHost.reply.properties), [
    ...head,
    'webRedirectUrl',
    'referenceNo',
    'partnerReferenceNo',
    'additionalInfo',
  ])
})

test('no reply admits a member that its contract does not name', () => {
  const answer = { responseCode: '2005400', responseMessage: 'Successful' }
  for (const { reply } of CONTRACTS) {
    assert.equal(Compile(reply).Check(answer), true)
    assert.equal(Compile(reply).Check({ ...answer, traceId: '1' }), false)
  }
})

test('a status reply has no member that a client library would refuse', () => {
  const allowed = new Set(
    `responseCode responseMessage serviceCode latestTransactionStatus additionalInfo originalReferenceNo
    originalPartnerReferenceNo approvalCode originalExternalId transactionStatusDesc originalResponseCode
    originalResponseMessage sessionId requestID refundNo partnerRefundNo refundAmount refundStatus refundDate
    reason transAmount feeAmount paidTime refundHistory`.split(/\s+/),
  )
  for (const member of Object.keys(Status.reply.properties)) assert.ok(allowed.has(member), member)
})

test('every contract is an operation with a service code and a path of its own', () => {
  for (const { operation, method } of CONTRACTS) {
    assert.ok(operation in SERVICE_CODES)
    assert.equal(method, 'POST')
  }
  assert.equal(new Set(CONTRACTS.map(({ path }) => path)).size, CONTRACTS.length)
})
