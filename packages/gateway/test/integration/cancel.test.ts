import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  aDebit,
  BALANCE_PATH,
  CANCEL_PATH,
  CIMB,
  debit,
  H2H,
  type KeptAccount,
  keepAccount,
  MANDIRI,
  paidAtOnce,
  REFUND_PATH,
  stateOf,
  verify,
} from '../kept-accounts.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
let mandiri: KeptAccount
before(async () => {
  stage = await openStage({ env: { GERBANG_CHANNELS: 'kki,cimb,allo,bri,mandiri,ovo,dana,shopeepay' } })
  mandiri = await keepAccount(stage, 'mandiri', { phoneNo: '6281200000001' })
})
after(() => stage.close())

const cancel = (body: object, more: object = {}) =>
  stage.merchant.call(CANCEL_PATH, { additionalInfo: { channel: MANDIRI }, ...body }, more)

test('a paid payment of today is called off, and the same answer comes again', async () => {
  const { partnerReferenceNo, amount, referenceNo } = await paidAtOnce(stage, mandiri, MANDIRI)
  const names = { originalPartnerReferenceNo: partnerReferenceNo, amount, reason: 'Sold out' }
  const externalId = newId()
  const { status, body: reply } = await cancel(names, { externalId })
  assert.equal(status, 200, JSON.stringify(reply))
  const { cancelTime, ...rest } = reply
  assert.match(cancelTime, /^\d{4}-\d\d-\d\dT.*\+07:00$/)
  assert.deepEqual(rest, {
    responseCode: '2005700',
    responseMessage: 'Successful',
    originalPartnerReferenceNo: partnerReferenceNo,
    originalReferenceNo: referenceNo,
  })
  const replayed = await cancel(names, { externalId })
  assert.deepEqual([replayed.status, replayed.body], [409, reply])
  const again = await cancel(names)
  assert.deepEqual([again.status, again.body], [200, reply])

  const { body: told } = await stage.merchant.status({ originalPartnerReferenceNo: partnerReferenceNo })
  assert.equal(told.latestTransactionStatus, '05')
  const events = await stage.query<{ type: string }>(
    "select type from outbox where body->>'originalReferenceNo' = $1",
    [referenceNo],
  )
  assert.deepEqual(events, [{ type: 'payment.cancelled.v1' }])
})

test('a payment that waits is called off, and no code pays it any more', async () => {
  const body = aDebit(MANDIRI)
  const { partnerReferenceNo: originalPartnerReferenceNo } = body
  await debit(stage, mandiri, body, { headers: H2H })
  assert.equal(await stateOf(stage, originalPartnerReferenceNo), 'waiting')
  assert.equal((await cancel({ originalPartnerReferenceNo })).body.responseCode, '2005700')
  assert.equal(await stateOf(stage, originalPartnerReferenceNo), 'reversed')
  const code = { originalPartnerReferenceNo, additionalInfo: { channel: MANDIRI } }
  assert.equal((await verify(stage, mandiri, code)).body.responseCode, '4040404')
  const { body: told } = await stage.merchant.status({ originalPartnerReferenceNo })
  assert.equal(told.latestTransactionStatus, '05')
})

test('what stands in the way of calling off is said', async () => {
  const { partnerReferenceNo } = await paidAtOnce(stage, mandiri, MANDIRI)
  const codeOf = async (body: object) => (await cancel(body)).body.responseCode
  const amount = { value: '1.00', currency: 'IDR' }
  assert.equal(await codeOf({ originalPartnerReferenceNo: partnerReferenceNo, amount }), '4045713')
  assert.equal(await codeOf({ originalPartnerReferenceNo: 'NOBODYS' }), '4045701')
  assert.equal(await codeOf({}), '4005702')
  const cimb = await keepAccount(stage, 'cimb')
  const other = aDebit(CIMB)
  await debit(stage, cimb, other, { headers: H2H })
  const ofOther = { originalPartnerReferenceNo: other.partnerReferenceNo }
  assert.equal(await codeOf({ ...ofOther, additionalInfo: { channel: CIMB } }), '4055700')
  assert.equal(await codeOf(ofOther), '4045718')
  const declined = await keepAccount(stage, 'mandiri')
  const lost = aDebit(
    MANDIRI,
    { amount: { value: '940314.00', currency: 'IDR' } },
    { paymentType: 'RECURRING' },
  )
  assert.equal((await debit(stage, declined, lost)).body.responseCode, '4035414')
  assert.equal(await codeOf({ originalPartnerReferenceNo: lost.partnerReferenceNo }), '4045700')
})

test('a payment of another day is called off no more', async () => {
  const { partnerReferenceNo: originalPartnerReferenceNo, referenceNo } = await paidAtOnce(
    stage,
    mandiri,
    MANDIRI,
  )
  await stage.query(
    "update payments set settled_at = settled_at - interval '1 day' where reference_no = $1",
    [referenceNo],
  )
  assert.equal((await cancel({ originalPartnerReferenceNo })).body.responseCode, '4045700')
})

test('who has unbound gets money back, without the token that nobody can have any more', async () => {
  const cimb = await keepAccount(stage, 'cimb')
  const body = aDebit(CIMB)
  const { partnerReferenceNo: originalPartnerReferenceNo } = body
  await debit(stage, cimb, body, { headers: H2H })
  await verify(stage, cimb, { originalPartnerReferenceNo })
  const path = '/direct-debit/core/v1/registration-account-unbinding'
  const unbind = { tokenId: cimb.customerToken, additionalInfo: { channel: CIMB } }
  assert.equal((await stage.merchant.call(path, unbind)).body.responseCode, '2000500')
  const refund = {
    originalPartnerReferenceNo,
    partnerRefundNo: newId().slice(-12),
    refundAmount: { value: '4000.00', currency: 'IDR' },
    additionalInfo: { channel: CIMB },
  }
  assert.equal((await stage.merchant.call(REFUND_PATH, refund)).body.responseCode, '2000700')
})

test('money is given back by the rules of the channel', async () => {
  const cimb = await keepAccount(stage, 'cimb')
  const body = aDebit(CIMB)
  const { partnerReferenceNo: originalPartnerReferenceNo } = body
  await debit(stage, cimb, body, { headers: H2H })
  await verify(stage, cimb, { originalPartnerReferenceNo })
  const refund = async (changes: object, headers: Readonly<Record<string, string>> = cimb.headers) => {
    const partnerRefundNo = newId().slice(-12)
    const whole = {
      originalPartnerReferenceNo,
      partnerRefundNo,
      refundAmount: { value: '4000.00', currency: 'IDR' },
      additionalInfo: { channel: CIMB },
      ...changes,
    }
    return (await stage.merchant.call(REFUND_PATH, whole, { headers })).body.responseCode
  }
  assert.equal(await refund({}, {}), '4010704')
  assert.equal(await refund({}, { 'Authorization-Customer': 'nobodys' }), '4010702')
  const other = await keepAccount(stage, 'cimb')
  assert.equal(await refund({}, other.headers), '4040718')
  assert.equal(await refund({ partnerRefundNo: '1234567890123' }), '4000701')
  assert.equal(await refund({}), '2000700')
  assert.equal(await refund({ refundAmount: { value: '6000.00', currency: 'IDR' } }), '2000700')
  const { body: told } = await stage.merchant.status({ originalPartnerReferenceNo })
  assert.equal(told.latestTransactionStatus, '04')
  const { partnerReferenceNo } = await paidAtOnce(stage, mandiri, MANDIRI)
  const ofMandiri = { originalPartnerReferenceNo: partnerReferenceNo, additionalInfo: { channel: MANDIRI } }
  assert.equal(await refund(ofMandiri, mandiri.headers), '4050700')
})

test('balances are the customer’s own', async () => {
  const ovo = await keepAccount(stage, 'ovo', { phoneNo: '6281200000001' })
  const ask = (headers: Readonly<Record<string, string>>, channel = 'EMONEY_OVO_SNAP') =>
    stage.merchant.call(BALANCE_PATH, { additionalInfo: { channel } }, { headers })
  const { status, body } = await ask(ovo.headers)
  assert.equal(status, 200, JSON.stringify(body))
  assert.equal(body.responseCode, '2001100')
  assert.deepEqual(
    body.accountInfos.map((info: { balanceType: string }) => info.balanceType),
    ['CASH', 'POINTS'],
  )
  assert.deepEqual(Object.keys(body.accountInfos[0]), [
    'balanceType',
    'amount',
    'flatAmount',
    'floatAmount',
    'holdAmount',
  ])
  assert.equal((await ask({})).body.responseCode, '4011104')
  assert.equal((await ask({ 'Authorization-Customer': 'nobodys' })).body.responseCode, '4011102')
  assert.equal((await ask(mandiri.headers)).body.responseCode, '4011102')
  assert.equal((await ask(mandiri.headers, MANDIRI)).body.responseCode, '4051100')
})
