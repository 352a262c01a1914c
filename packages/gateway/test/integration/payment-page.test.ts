import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { control } from '../fault/books.ts'
import {
  aDebit,
  CIMB,
  debit,
  type KeptAccount,
  keepAccount,
  MANDIRI,
  OTP,
  PIN,
  stateOf,
  verify,
  WRONG_OTP,
} from '../kept-accounts.ts'
import { PageVisitor } from '../page-visitor.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
let cimb: KeptAccount
before(async () => {
  stage = await openStage({ env: { GERBANG_CHANNELS: 'kki,cimb,allo,bri,mandiri,ovo,dana,shopeepay' } })
  cimb = await keepAccount(stage, 'cimb')
})
after(() => stage.close())

async function opened(account = cimb, channel = CIMB, info = {}) {
  const body = aDebit(channel, {}, info)
  const { body: reply } = await debit(stage, account, body)
  assert.equal(reply.responseCode, '2005400')
  return { page: await new PageVisitor(reply.webRedirectUrl).get('?language=en'), ...body, reply }
}

test('the page asks for the code, then for the PIN, and then shows the receipt and the way back', async () => {
  const { page, partnerReferenceNo, reply } = await opened()
  assert.equal(page.status, 200)
  for (const text of [
    'Toko Uji',
    'your CIMB Niaga account',
    `···· ${cimb.phoneNo.slice(-4)}`,
    '10,000',
    reply.referenceNo,
  ])
    assert.ok(page.html.includes(text), text)
  await page.type(WRONG_OTP)
  assert.match(page.html, /Wrong code/i)
  await page.type(OTP)
  assert.equal(page.status, 200)
  assert.match(page.html, /PIN/)
  assert.equal(await stateOf(stage, partnerReferenceNo), 'waiting')
  await page.type('000000')
  assert.match(page.html, /Wrong PIN/i)
  await page.type(PIN)
  assert.match(page.html, /Payment successful/)
  assert.ok(page.html.includes('href="https://www.merchant.com/success"'))
  assert.ok(page.html.includes('data-print'))
  assert.equal(await stateOf(stage, partnerReferenceNo), 'paid')
  const rows = await stage.query<{ step: string; hash: Buffer | null }>(
    'select step, code_lookup as hash from payment_attempts where reference_no = $1 order by step, attempt',
    [reply.referenceNo],
  )
  assert.deepEqual(
    rows.map(({ step, hash }) => [step, hash !== null]),
    [
      ['otp', true],
      ['otp', true],
      ['pin', false],
      ['pin', false],
    ],
  )
})

test('a password that comes late, or by the partner’s way, is not tried as a PIN', async () => {
  const { page, partnerReferenceNo, reply } = await opened()
  await page.type(OTP)
  assert.match(page.html, /PIN/)
  await page.post({ action: 'verify', code: OTP, kind: 'otp' })
  assert.match(page.html, /PIN/)
  assert.ok(!/Wrong PIN/i.test(page.html))
  const told = await verify(stage, cimb, { originalPartnerReferenceNo: partnerReferenceNo, otp: PIN })
  assert.equal(told.body.responseCode, '4040400')
  const tried = await stage.query("select 1 from payment_attempts where reference_no = $1 and step = 'pin'", [
    reply.referenceNo,
  ])
  assert.equal(tried.length, 0)
  await page.type(PIN)
  assert.match(page.html, /Payment successful/)
})

test('whoever calls the payment off on the page is sent back, and it is not paid', async () => {
  const { page, partnerReferenceNo } = await opened()
  await page.post({ action: 'cancel' })
  assert.match(page.html, /You cancelled the payment/)
  assert.ok(page.html.includes('href="https://www.merchant.com/failed"'))
  assert.equal(await stateOf(stage, partnerReferenceNo), 'reversed')
  const { body } = await stage.merchant.status({ originalPartnerReferenceNo: partnerReferenceNo })
  assert.equal(body.latestTransactionStatus, '05')
})

test('five wrong codes end the payment', async () => {
  const account = await keepAccount(stage, 'cimb')
  const { page, partnerReferenceNo } = await opened(account)
  for (const code of ['100001', '100002', '100003', '100004', '100005']) await page.type(code)
  assert.equal(page.status, 403)
  assert.equal(await stateOf(stage, partnerReferenceNo), 'declined')
})

test('five wrong PINs end the payment, and the page speaks of the PIN', async () => {
  const account = await keepAccount(stage, 'cimb')
  const { page, partnerReferenceNo } = await opened(account)
  await page.type(OTP)
  for (const pin of ['100001', '100002', '100003', '100004', '100005']) await page.type(pin)
  assert.equal(page.status, 403)
  assert.match(page.html, /<h1>Too many wrong PINs/)
  assert.equal(await stateOf(stage, partnerReferenceNo), 'declined')
})

test('an account that has too little is not called a card', async () => {
  const { page, partnerReferenceNo } = await opened()
  await control(stage, 'next', { case: '40314', match: { operation: 'confirmation' } })
  await page.type(OTP)
  assert.equal(await stateOf(stage, partnerReferenceNo), 'declined')
  assert.match(page.html, /Not enough limit or balance/)
  assert.match(page.html, /another account or way to pay/)
  assert.doesNotMatch(page.html.replace(/<(style|script)>[\s\S]*?<\/\1>/g, ''), /card/i)
})

test('while the bank is silent the page leads to no address of the shop’s', async () => {
  const { page, partnerReferenceNo } = await opened()
  await page.type(OTP)
  await control(stage, 'next', { fault: 'drop-after', match: { operation: 'confirmation' } })
  await page.type(PIN)
  assert.match(page.html, /Do not pay again/)
  assert.ok(!page.html.includes('merchant.com'))
  assert.notEqual(await stateOf(stage, partnerReferenceNo), 'declined')
})

test('a bank that sends codes when asked is asked for the page', async () => {
  const mandiri = await keepAccount(stage, 'mandiri', { phoneNo: '6281200000001' })
  const body = aDebit(MANDIRI)
  const { body: reply } = await debit(stage, mandiri, body, { headers: { 'X-CHANNEL-ID': 'DH' } })
  const page = await new PageVisitor(reply.webRedirectUrl).get('?language=en')
  assert.match(page.html, /valid until/i)
  await page.type(OTP)
  assert.match(page.html, /Payment successful/)
})

test('a wallet’s customer approves in the app, and the page waits for it', async () => {
  const rina = await keepAccount(stage, 'ovo', { phoneNo: '6281200000005' })
  const body = aDebit('EMONEY_OVO_SNAP', {
    payOptionDetails: [{ payMethod: 'CASH', transAmount: { value: '10000.00', currency: 'IDR' } }],
  })
  const { body: reply } = await debit(stage, rina, body)
  assert.equal(reply.responseCode, '2005400', JSON.stringify(reply))
  const page = await new PageVisitor(reply.webRedirectUrl).get('?language=en')
  assert.match(page.html, /Open the OVO app/)
  await page.post({ action: 'approved' })
  assert.match(page.html, /OVO/)
  assert.equal(await stateOf(stage, body.partnerReferenceNo, 'paid'), 'paid')
  await page.get('?language=en')
  assert.match(page.html, /Payment successful/)
})

test('the page is nobody else’s, and another payment’s address leads nowhere', async () => {
  const { page, reply } = await opened()
  await page.post({ action: 'language' })
  const stranger = await new PageVisitor(reply.webRedirectUrl).get('?language=en')
  assert.equal(stranger.status, 404)
  const wrong = await new PageVisitor(`${reply.webRedirectUrl.slice(0, -3)}abc`).get('?language=en')
  assert.equal(wrong.status, 404)
})
