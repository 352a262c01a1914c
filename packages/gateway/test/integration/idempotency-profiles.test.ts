import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ACCOUNT_CHANNELS, bindAccount, keptAccount, newPhone, unbindAccount } from '../account-customer.ts'
import { redeem } from '../customer.ts'
import { aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage({ env: ACCOUNT_CHANNELS })
})
after(() => stage.close())

const IP = { 'X-IP-ADDRESS': '203.0.113.7' }
const REFUND_PATH = '/direct-debit/core/v1/debit/refund'

for (const [profile, idempotencyProfile, service] of [
  ['doku', 'snap', '07'],
  ['snap', 'doku', '58'],
] as const)
  test(`a partner whose codes are numbered as ${profile} may have its repetitions answered as ${idempotencyProfile}`, async () => {
    const merchant = await stage.addMerchant(profile, idempotencyProfile)
    const repeat = async (path: string, body: object) => {
      const externalId = newId()
      const first = await merchant.call(path, body, { externalId, headers: IP })
      assert.equal(first.status, 200, first.text)
      const again = await merchant.call(path, body, { externalId, headers: IP })
      assert.equal(again.status, 409)
      return { first: first.text, again: again.text }
    }
    const isToTheLetter = idempotencyProfile === 'doku'
    const conflict = (code: string) =>
      JSON.stringify({ responseCode: `409${code}00`, responseMessage: 'Conflict' })
    const payment = aPayment()
    const paid = await repeat(PAYMENT_PATH, payment)
    assert.equal(paid.again, isToTheLetter ? paid.first : conflict('54'))
    const refund = {
      originalPartnerReferenceNo: payment.partnerReferenceNo,
      refundAmount: payment.amount,
      partnerRefundNo: newId().slice(-12),
      additionalInfo: payment.additionalInfo,
    }
    const refunded = await repeat(REFUND_PATH, refund)
    assert.match(refunded.first, new RegExp(`^\\{"responseCode":"200${service}00"`))
    assert.equal(refunded.again, isToTheLetter ? refunded.first : conflict(service))
  })

test('a bare conflict has the number that the channel gives the operation', async () => {
  const merchant = await stage.addMerchant('doku', 'snap')
  const { authCode } = await keptAccount(stage, {}, merchant)
  const { body } = await redeem(merchant, authCode)
  const externalId = newId()
  assert.equal((await unbindAccount(merchant, body.accessToken, { externalId })).body.responseCode, '2000500')
  const again = await unbindAccount(merchant, body.accessToken, { externalId })
  assert.deepEqual([again.status, again.body.responseCode], [409, '4090500'])
})

test('a bare conflict is told instead of a reply that is kept sealed, and nothing of it leaves again', async () => {
  const merchant = await stage.addMerchant('doku', 'snap')
  const wish = { phoneNo: newPhone(), custIdMerchant: `CUST${newId()}` }
  const externalId = newId()
  const first = await bindAccount(merchant, wish, { externalId })
  assert.equal(first.body.responseCode, '2000700', first.text)
  const again = await bindAccount(merchant, wish, { externalId })
  assert.equal(again.text, '{"responseCode":"4090700","responseMessage":"Conflict"}')
})
