import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { PIN as ACCOUNT_PIN, askedAccount, bindAccount } from '../account-customer.ts'
import { codeOf, rowOf } from '../card-customer.ts'
import { redeem } from '../customer.ts'
import {
  aDebit,
  CIMB,
  debit,
  H2H,
  keepAccount,
  OTP,
  PIN,
  stateOf,
  verify,
  WRONG_OTP,
} from '../kept-accounts.ts'
import type { Merchant } from '../merchant.ts'
import { type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'
import { PageVisitor } from '../page-visitor.ts'
import { Browser } from '../scriptless-browser.ts'

let stage: NotifiedStage
before(async () => {
  stage = await openNotifiedStage()
})
after(() => stage.close())

async function opened() {
  const merchant = await stage.addMerchant()
  const sink = await stage.openSinkFor(merchant)
  await stage.subscribe(merchant, sink, { frameAncestors: ['https://shop.example'] })
  const account = await keepAccount(stage, 'cimb', { merchant })
  return { merchant, sink, account, own: { ...stage, merchant } }
}

async function begin({ own, account }: Awaited<ReturnType<typeof opened>>) {
  const body = aDebit(CIMB)
  const { body: reply } = await debit(own, account, body)
  assert.equal(reply.responseCode, '2005400')
  return { ...body, url: reply.webRedirectUrl as string }
}

async function turn(merchant: Merchant, state: 'active' | 'suspended'): Promise<void> {
  await stage.change(merchant, { state })
  // The stage keeps a partner for a millisecond.
  await wait(20)
}

test('a customer in the middle of paying a partner that is suspended pays to the end, and the partner is told', async () => {
  const shop = await opened()
  const { partnerReferenceNo, url } = await begin(shop)
  const page = await new PageVisitor(url).get('?language=en')
  await page.type(WRONG_OTP)
  await turn(shop.merchant, 'suspended')
  assert.match((await page.get('?language=en')).html, /Confirm your payment/)
  assert.ok(page.html.includes('Toko Uji'))
  await page.type(OTP)
  assert.match(page.html, /PIN/)
  await page.type(PIN)
  assert.match(page.html, /Payment successful/)
  assert.equal(await stateOf(stage, partnerReferenceNo), 'paid')
  const [told] = await shop.sink.untilTold(1)
  assert.equal(told?.body.originalPartnerReferenceNo, partnerReferenceNo)
  assert.equal(told?.body.latestTransactionStatus, '00')
})

test('a page that was handed out before is opened for the first time after, and calling off is told too', async () => {
  const shop = await opened()
  const { partnerReferenceNo, url } = await begin(shop)
  await turn(shop.merchant, 'suspended')
  const page = await new Browser(url).get('?language=en')
  assert.equal(page.status, 200)
  const framed = await fetch(url)
  assert.equal(framed.status, 404, 'and it is nobody else’s')
  await page.post({ action: 'cancel' })
  assert.match(page.html, /You cancelled the payment/)
  assert.equal(await stateOf(stage, partnerReferenceNo), 'reversed')
  const [told] = await shop.sink.untilTold(1)
  assert.equal(told?.body.latestTransactionStatus, '05')
})

test('while it is suspended nothing new begins, and no code comes by the partner’s way', async () => {
  const shop = await opened()
  const { own, merchant, account } = shop
  const waiting = aDebit(CIMB)
  assert.equal((await debit(own, account, waiting, { headers: H2H })).status, 202)
  await turn(merchant, 'suspended')
  const refused = [
    await debit(own, account, aDebit(CIMB)),
    await merchant.pay(),
    await bindAccount(merchant),
    await verify(own, account, { originalPartnerReferenceNo: waiting.partnerReferenceNo }),
    await merchant.status({ originalPartnerReferenceNo: waiting.partnerReferenceNo }),
  ]
  assert.deepEqual([...new Set(refused.map(({ status }) => status))], [401])
  assert.equal((await merchant.askToken()).status, 401)
  assert.equal(await stateOf(stage, waiting.partnerReferenceNo), 'waiting', 'the code was not tried')
  const [made] = await stage.query<{ n: number }>(
    'select count(*)::integer n from payments where partner_id = $1',
    [merchant.keys.partnerId],
  )
  assert.equal(made?.n, 1)
  await turn(merchant, 'active')
  const told = await verify(own, account, { originalPartnerReferenceNo: waiting.partnerReferenceNo })
  assert.equal(told.status, 200)
})

test('a customer in the middle of linking an account links it, and it is good when the partner is let in again', async () => {
  const shop = await opened()
  const asked = await askedAccount(stage, {}, shop.merchant)
  await turn(shop.merchant, 'suspended')
  await asked.browser.post({ action: 'verify', code: await codeOf(stage, asked.referenceNo) })
  await asked.browser.post({ action: 'verify', code: ACCOUNT_PIN })
  assert.equal((await rowOf(stage, asked.referenceNo)).state, 'active')
  assert.equal(asked.browser.status, 200)
  assert.equal((await redeem(shop.merchant, asked.authCode)).status, 401)
  await turn(shop.merchant, 'active')
  assert.equal((await redeem(shop.merchant, asked.authCode)).status, 200)
})

test('a partner that nobody knows has no pages', async () => {
  const { url } = await begin(await opened())
  const strange = url.replace(/\/core\/[^/]+\//, '/core/BRN-NOBODY/')
  assert.notEqual(strange, url)
  assert.equal((await fetch(strange)).status, 404)
})
