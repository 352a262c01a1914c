import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId, PAYMENT_PATH } from '../merchant.ts'
import { type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'
import { aJump } from '../wallet-network.ts'

let stage: NotifiedStage
before(async () => {
  stage = await openNotifiedStage()
})
after(() => stage.close())

const RETURN = { url: 'https://www.merchant.com/back', type: 'PAY_RETURN', isDeepLink: 'N' }
const CHANNELS = ['EMONEY_DANA_SNAP', 'EMONEY_SHOPEE_PAY_SNAP']

const jump = (changes: object = {}) => stage.merchant.call(PAYMENT_PATH, aJump(newId(), changes))
const typed = (paymentType: string | null, channel = CHANNELS[0]) => ({
  additionalInfo: { channel, orderTitle: 'Kopi', paymentType },
})

for (const channel of CHANNELS)
  for (const [paymentType, responseCode, message] of [
    ['SALE', '2005400', 'Successful'],
    ['sale', '2005400', 'Successful'],
    ['', '2005400', 'Successful'],
    [null, '2005400', 'Successful'],
    ['RECURRING', '4055400', 'Requested Function Is Not Supported'],
    ['recurring', '4055400', 'Requested Function Is Not Supported'],
    ['foo', '4005401', 'Invalid Field Format additionalInfo.paymentType'],
  ] as const)
    test(`a payment of ${channel} whose type is ${JSON.stringify(paymentType)} is answered ${responseCode}`, async () => {
      const { body } = await jump(typed(paymentType, channel))
      assert.deepEqual([body.responseCode, body.responseMessage], [responseCode, message])
    })

test('a payment type is told as the one that it is, however it was written', async () => {
  const merchant = await stage.addMerchant()
  const sink = await stage.openSinkFor(merchant)
  await stage.subscribe(merchant, sink)
  const answer = await merchant.call(PAYMENT_PATH, aJump(newId(), typed('sale')))
  const decision = new URLSearchParams({ decision: 'approve' })
  await fetch(answer.body.webRedirectUrl, { method: 'POST', body: decision, redirect: 'manual' })
  const [told] = await sink.untilTold(1)
  assert.equal(told?.body.additionalInfo.paymentType, 'SALE')
})

for (const [name, param, responseCode, member] of [
  ['that says not whether it opens an app', { isDeepLink: undefined }, '4005402', 'urlParam.0.isDeepLink'],
  ['that says it with nothing', { isDeepLink: '' }, '4005402', 'urlParam.0.isDeepLink'],
  ['that says it in a word of its own', { isDeepLink: 'maybe' }, '4005401', 'urlParam.0.isDeepLink'],
  ['that says it in the other spelling', { isDeepLink: null, isDeeplink: 'n' }, '2005400', ''],
  ['that says it in small letters', { isDeepLink: 'n' }, '2005400', ''],
  ['of 255 characters', { url: `https://www.merchant.com/${'a'.repeat(230)}` }, '2005400', ''],
  ['of 256 characters', { url: `https://www.merchant.com/${'a'.repeat(231)}` }, '4005401', 'urlParam.0.url'],
] as const)
  test(`an address to come back to ${name} is answered ${responseCode}`, async () => {
    const { body } = await jump({ urlParam: [{ ...RETURN, ...param }] })
    assert.equal(body.responseCode, responseCode, JSON.stringify(body))
    assert.ok(body.responseMessage.endsWith(member), body.responseMessage)
  })

test('each address is looked at, and one of them has to be for coming back', async () => {
  const { type: _, ...other } = RETURN
  assert.equal((await jump({ urlParam: [other, RETURN] })).body.responseCode, '2005400')
  assert.equal((await jump({ urlParam: [other] })).body.responseMessage, 'Invalid Field Format urlParam.type')
  const unsaid = { ...other, isDeepLink: undefined }
  const { body } = await jump({ urlParam: [RETURN, unsaid] })
  assert.equal(body.responseMessage, 'Invalid Mandatory Field urlParam.1.isDeepLink')
})
