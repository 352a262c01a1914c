import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bound, codeOf, rowOf } from '../card-customer.ts'
import { Browser } from '../scriptless-browser.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

/** Says nothing of how it came to the page, as programs that look at links do, and browsers of before 2023. */
const OLD = {}
/** What a program says that fetches a page, and what a page that is drawn into another one says. */
const FETCHED = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
const PICTURED = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
const FRAMED = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }

async function aPage(merchant = stage.merchant) {
  const { answer, referenceNo } = await bound({ ...stage, merchant }, {}, { headers: {} })
  return { url: answer.body.redirectUrl as string, referenceNo }
}

for (const [who, says] of [
  ['a previewer', OLD],
  ['a program that fetches', FETCHED],
  ['a program that wants a picture', PICTURED],
  ['a frame of a shop that may not show it in one', FRAMED],
] as const)
  test(`${who} that opens the link first leaves the page to its customer`, async () => {
    const { url, referenceNo } = await aPage()
    const looking = await new Browser(url, says).get()
    assert.equal(looking.status, 200)
    const customer = await new Browser(url).get()
    assert.equal(customer.status, 200)
    const code = await codeOf(stage, referenceNo)
    assert.equal((await looking.post({ action: 'verify', code })).status, 404, 'the page has its owner')
    assert.equal((await looking.get()).status, 404)
    assert.equal((await rowOf(stage, referenceNo)).state, 'otp_sent')
    await customer.post({ action: 'verify', code })
    assert.equal((await rowOf(stage, referenceNo)).state, 'active')
  })

test('a customer with an old browser has the page with the first form, after a previewer was there', async () => {
  const { url, referenceNo } = await aPage()
  const previewer = await new Browser(url, OLD).get()
  const customer = await new Browser(url, OLD).get()
  await customer.post({ action: 'language' })
  assert.equal(customer.status, 200)
  assert.match(customer.html, /<html lang="en">/)
  for (const stranger of [new Browser(url), new Browser(url, OLD), previewer])
    assert.equal((await stranger.get()).status, 404)
  assert.equal((await previewer.post({ action: 'cancel' })).status, 404)
  await customer.post({ action: 'verify', code: await codeOf(stage, referenceNo) })
  assert.equal((await rowOf(stage, referenceNo)).state, 'active')
})

test('an old browser that looks twice, or sends its first form twice, is one browser', async () => {
  const { url, referenceNo } = await aPage()
  const customer = await new Browser(url, OLD).get()
  const first = customer.cookie
  await customer.get()
  assert.equal(customer.cookie, first)
  const twin = new Browser(url, OLD)
  Object.assign(twin, { cookie: customer.cookie, html: customer.html })
  const answers = await Promise.all([
    customer.post({ action: 'language' }),
    twin.post({ action: 'language' }),
  ])
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  )
  assert.equal((await rowOf(stage, referenceNo)).state, 'otp_sent')
})

test('of two old browsers that send their first form at once one has the page', async () => {
  for (let round = 0; round < 10; round++) {
    const { url } = await aPage()
    const both = [await new Browser(url, OLD).get(), await new Browser(url, OLD).get()]
    await Promise.all(both.map((one) => one.post({ action: 'language' })))
    assert.deepEqual(both.map(({ status }) => status).sort(), [200, 404])
  }
})

test('nobody’s page is taken by no form that was not in it', async () => {
  const { url, referenceNo } = await aPage()
  const customer = await new Browser(url, OLD).get()
  const forger = new Browser(url, OLD)
  forger.cookie = `gerbang_page=${'a'.repeat(43)}`
  forger.html = customer.html
  assert.equal((await forger.post({ action: 'cancel' })).status, 403)
  await customer.post({ action: 'language' })
  assert.equal(customer.status, 200)
  assert.equal((await rowOf(stage, referenceNo)).state, 'otp_sent')
})

test('a browser that is steered to the page gets a cookie that nobody gave it before', async () => {
  const { url } = await aPage()
  const thief = await new Browser(url, OLD).get()
  const customer = new Browser(url)
  customer.cookie = thief.cookie
  await customer.get()
  assert.equal(customer.status, 200)
  assert.notEqual(customer.cookie, thief.cookie)
  assert.equal((await thief.get()).status, 404)
})

test('a page in a frame of a shop that may show it there belongs to whom it is shown', async () => {
  const merchant = await stage.addMerchant()
  await stage.query("update partners set frame_ancestors = 'https://shop.example' where partner_id = $1", [
    merchant.keys.partnerId,
  ])
  const { url } = await aPage(merchant)
  assert.equal((await new Browser(url, FRAMED).get()).status, 200)
  assert.equal((await new Browser(url).get()).status, 404)
})
