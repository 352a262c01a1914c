import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
/** One that is paid, to ask about. */
let paid: { originalPartnerReferenceNo: string; originalReferenceNo: string; originalExternalId: string }
before(async () => {
  stage = await openStage()
  const body = aPayment()
  const originalExternalId = newId()
  const answer = await stage.merchant.call(PAYMENT_PATH, body, { externalId: originalExternalId })
  paid = {
    originalPartnerReferenceNo: body.partnerReferenceNo,
    originalReferenceNo: answer.body.referenceNo,
    originalExternalId,
  }
})
after(() => stage.close())

const NOT_FOUND = { responseCode: '4045501', responseMessage: 'Transaction Not Found' }
const INCONSISTENT = { responseCode: '4045518', responseMessage: 'Inconsistent Request' }

test('the reply about a paid payment has the documented members and nothing else', async () => {
  const { status, body } = await stage.merchant.status(paid)
  assert.equal(status, 200)
  const { approvalCode, paidTime, ...others } = body
  assert.match(approvalCode, /^\d{12}$/)
  assert.match(paidTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00$/)
  assert.deepEqual(others, {
    responseCode: '2005500',
    responseMessage: 'Successful',
    ...paid,
    serviceCode: '55',
    latestTransactionStatus: '00',
    transactionStatusDesc: 'Success',
    originalResponseCode: '2005400',
    originalResponseMessage: 'Successful',
    transAmount: { value: '10000.00', currency: 'IDR' },
    additionalInfo: { channel: 'KARTU_KREDIT_INDONESIA_SNAP', acquirer: { id: 'KKI' } },
  })
})

test('the reply about a failed payment is HTTP 200 too, tells the reason and no approval', async () => {
  const { partnerReferenceNo } = aPayment()
  await stage.merchant.pay({ partnerReferenceNo, otp: '22220005' })
  const { status, body } = await stage.merchant.status({ originalPartnerReferenceNo: partnerReferenceNo })
  assert.equal(status, 200)
  assert.equal(body.latestTransactionStatus, '06')
  assert.equal(body.originalResponseCode, '4035414')
  assert.equal(body.originalResponseMessage, 'Insufficient Funds')
  for (const member of ['approvalCode', 'paidTime']) assert.ok(!(member in body), member)
})

for (const name of ['originalPartnerReferenceNo', 'originalReferenceNo', 'originalExternalId'] as const) {
  test(`a payment is found by ${name} alone`, async () => {
    const { body } = await stage.merchant.status({ [name]: paid[name] })
    assert.equal(body.responseCode, '2005500')
    assert.equal(body.originalReferenceNo, paid.originalReferenceNo)
  })

  test(`an unknown ${name} alone is not found`, async () => {
    const { status, body } = await stage.merchant.status({ [name]: '12345' })
    assert.equal(status, 404)
    assert.deepEqual(body, NOT_FOUND)
  })

  test(`an unknown ${name} beside a known name is inconsistent`, async () => {
    const { status, body } = await stage.merchant.status({ ...paid, [name]: '12345' })
    assert.equal(status, 404)
    assert.deepEqual(body, INCONSISTENT)
  })

  test(`another partner does not find it by ${name}`, async () => {
    const other = await stage.addMerchant()
    assert.deepEqual((await other.status({ [name]: paid[name] })).body, NOT_FOUND)
  })
}

test('names of two payments are inconsistent', async () => {
  const other = await stage.merchant.pay()
  const { body } = await stage.merchant.status({ ...paid, originalReferenceNo: other.body.referenceNo })
  assert.deepEqual(body, INCONSISTENT)
})

for (const [given, echoed] of [
  ['54', '54'],
  ['55', '55'],
  [54, '54'],
  ['', '55'],
  [null, '55'],
  [undefined, '55'],
] as const)
  test(`the service code ${JSON.stringify(given)} comes back as "${echoed}"`, async () => {
    const { body } = await stage.merchant.status({ ...paid, serviceCode: given })
    assert.equal(body.serviceCode, echoed)
  })

for (const serviceCode of ['99', '56', '5', 7])
  test(`the service code ${JSON.stringify(serviceCode)} is that of no payment`, async () => {
    const { body } = await stage.merchant.status({ ...paid, serviceCode })
    assert.deepEqual(body, {
      responseCode: '4005501',
      responseMessage: 'Invalid Field Format serviceCode',
    })
  })

test('what client libraries send along is ignored', async () => {
  const { body } = await stage.merchant.status({
    originalPartnerReferenceNo: paid.originalPartnerReferenceNo,
    originalReferenceNo: '',
    originalExternalId: null,
    serviceCode: '55',
    transactionDate: '',
    amount: { value: '', currency: '' },
    merchantId: '',
    subMerchantId: null,
    externalStoreId: '',
    additionalInfo: { deviceId: '', channel: 'DIRECT_DEBIT_CIMB_SNAP', origin: { product: 'SDK' } },
  })
  assert.equal(body.latestTransactionStatus, '00')
})

for (const names of [
  {},
  { originalReferenceNo: '' },
  { originalPartnerReferenceNo: null, serviceCode: '55' },
])
  test(`a request that names nothing lacks a reference: ${JSON.stringify(names)}`, async () => {
    const { status, body } = await stage.merchant.status(names)
    assert.equal(status, 400)
    assert.deepEqual(body, {
      responseCode: '4005502',
      responseMessage: 'Invalid Mandatory Field originalPartnerReferenceNo',
    })
  })

test('of several attempts under one reference the paid one is told, and each by its own number', async () => {
  const { partnerReferenceNo } = aPayment()
  const failedId = newId()
  await stage.merchant.pay({ partnerReferenceNo, otp: '22220003' }, { externalId: failedId })
  const [failed] = await stage.query<{ reference_no: string }>(
    'select reference_no from payments where partner_reference_no = $1',
    [partnerReferenceNo],
  )
  const success = await stage.merchant.pay({ partnerReferenceNo })
  const ask = async (names: object) => {
    const { body } = await stage.merchant.status(names)
    return [body.latestTransactionStatus, body.originalReferenceNo]
  }
  assert.deepEqual(await ask({ originalPartnerReferenceNo: partnerReferenceNo }), [
    '00',
    success.body.referenceNo,
  ])
  assert.deepEqual(await ask({ originalReferenceNo: failed?.reference_no }), ['06', failed?.reference_no])
  assert.deepEqual(
    await ask({ originalExternalId: failedId, originalPartnerReferenceNo: partnerReferenceNo }),
    ['06', failed?.reference_no],
  )
})

test('of several failed attempts the latest is told', async () => {
  const { partnerReferenceNo } = aPayment()
  await stage.merchant.pay({ partnerReferenceNo, otp: '22220003' })
  await stage.merchant.pay({ partnerReferenceNo, otp: '22220005' })
  const { body } = await stage.merchant.status({ originalPartnerReferenceNo: partnerReferenceNo })
  assert.equal(body.originalResponseCode, '4035414')
})

test('an attempt is found by its own number however many failed under the same reference', async () => {
  const { partnerReferenceNo } = aPayment()
  const externalId = newId()
  await stage.merchant.pay({ partnerReferenceNo, otp: '22220003' }, { externalId })
  for (let more = 0; more < 25; more++) await stage.merchant.pay({ partnerReferenceNo, otp: '22220005' })
  const names = { originalPartnerReferenceNo: partnerReferenceNo, originalExternalId: externalId }
  const { body } = await stage.merchant.status(names)
  assert.equal(body.originalResponseCode, '4045415')
})

test('asking twice with the same external id is no conflict, for asking changes nothing', async () => {
  const externalId = newId()
  for (const again of [1, 2])
    assert.equal((await stage.merchant.status(paid, { externalId })).status, 200, String(again))
})
