import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { aDebit, debit, keepAccount } from '../kept-accounts.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage({ env: { GERBANG_CHANNELS: 'kki,bri' } })
})
after(() => stage.close())

const BRI = 'DIRECT_DEBIT_BRI_SNAP'

test('a payment that was made under a long reference can be given back under it', async () => {
  const account = await keepAccount(stage, 'bri')
  const partnerReferenceNo = newId().padEnd(40, '0')
  const paid = await debit(stage, account, aDebit(BRI, { partnerReferenceNo }, { paymentType: 'RECURRING' }))
  assert.equal(paid.body.responseCode, '2005400')
  const body = {
    originalPartnerReferenceNo: partnerReferenceNo,
    partnerRefundNo: newId().slice(0, 12),
    refundAmount: { value: '1.00', currency: 'IDR' },
    additionalInfo: { channel: BRI },
  }
  const call = (changes: object) =>
    stage.merchant.call(
      '/direct-debit/core/v1/debit/refund',
      { ...body, ...changes },
      { headers: account.headers },
    )
  const tooLong = await call({ partnerRefundNo: 'R'.repeat(13) })
  assert.equal(tooLong.body.responseCode, '4000701')
  assert.equal((await call({})).body.responseCode, '2000700')
})
