import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  aDebit,
  CANCEL_PATH,
  CIMB,
  debit,
  H2H,
  keepAccount,
  MANDIRI,
  paidAtOnce,
  verify,
} from '../kept-accounts.ts'
import { type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'

let stage: NotifiedStage
before(async () => {
  stage = await openNotifiedStage()
})
after(() => stage.close())

async function openTold() {
  const merchant = await stage.addMerchant()
  const sink = await stage.openSinkFor(merchant)
  await stage.subscribe(merchant, sink)
  return { merchant, sink, own: { ...stage, merchant } }
}

test('a payment that was confirmed by its customer is told once, with customer and channel', async () => {
  const { merchant, sink, own } = await openTold()
  const account = await keepAccount(stage, 'cimb', { merchant })
  const body = aDebit(CIMB)
  await debit(own, account, body, { headers: H2H })
  await verify(own, account, { originalPartnerReferenceNo: body.partnerReferenceNo })
  const [told] = await sink.untilTold(1)
  assert.equal(told?.body.latestTransactionStatus, '00')
  assert.deepEqual(told?.body.additionalInfo, {
    channelId: CIMB,
    channel: CIMB,
    acquirerId: 'CIMB',
    custIdMerchant: 'CUST001',
    accountType: 'DIRECT_DEBIT',
    paymentType: 'SALE',
  })
})

test('a paid payment that is called off is told twice: as paid, and then as cancelled', async () => {
  const { merchant, sink, own } = await openTold()
  const account = await keepAccount(stage, 'mandiri', { merchant, phoneNo: '6281200000001' })
  const { partnerReferenceNo: originalPartnerReferenceNo } = await paidAtOnce(own, account, MANDIRI)
  const off = await merchant.call(CANCEL_PATH, { originalPartnerReferenceNo })
  assert.equal(off.body.responseCode, '2005700')
  const told = await sink.untilTold(2)
  assert.deepEqual(
    told.map(({ body }) => [body.latestTransactionStatus, body.originalPartnerReferenceNo]),
    [
      ['00', originalPartnerReferenceNo],
      ['05', originalPartnerReferenceNo],
    ],
  )
  assert.equal(told[1]?.body.additionalInfo.paymentType, 'RECURRING')
})

test('a payment of a wallet is told as electronic money', async () => {
  const { merchant, sink, own } = await openTold()
  const account = await keepAccount(stage, 'ovo', { merchant })
  const body = aDebit(
    'EMONEY_OVO_SNAP',
    { payOptionDetails: [{ payMethod: 'CASH' }] },
    { paymentType: 'RECURRING', custIdMerchant: 'C-9' },
  )
  assert.equal((await debit(own, account, body)).body.responseCode, '2005400')
  const [told] = await sink.untilTold(1)
  const { accountType, acquirerId, custIdMerchant } = told?.body.additionalInfo ?? {}
  assert.deepEqual([accountType, acquirerId, custIdMerchant], ['EMONEY', 'OVO', 'C-9'])
})
