import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import type { Page } from 'playwright-core'
import {
  aDebit,
  CIMB,
  debit,
  type KeptAccount,
  keepAccount,
  OTP,
  PIN,
  stateOf,
  WRONG_OTP,
} from '../kept-accounts.ts'
import { openStage, type Stage } from '../stage.ts'
import { audit, browserTest, findChromium, posting } from './chromium.ts'

let stage: Stage
let cimb: KeptAccount
let rina: KeptAccount
before(async () => {
  if (findChromium(process.env) === undefined) return
  // A shop on this machine is allowed in demo mode alone.
  stage = await openStage({ env: { GERBANG_MODE: 'demo' } })
  cimb = await keepAccount(stage, 'cimb')
  rina = await keepAccount(stage, 'ovo', { phoneNo: '6281200000005' })
})
after(() => stage?.close())

const OVO = 'EMONEY_OVO_SNAP'

async function asked(account: KeptAccount, channel: string) {
  const shop = `${stage.url}/healthz?shop`
  const payOptionDetails = [{ payMethod: 'CASH' }]
  const body = aDebit(
    channel,
    { payOptionDetails },
    { successPaymentUrl: shop, failedPaymentUrl: `${shop}-failed` },
  )
  const { body: reply } = await debit(stage, account, body)
  assert.equal(reply.responseCode, '2005400', JSON.stringify(reply))
  return { url: reply.webRedirectUrl as string, reference: body.partnerReferenceNo, shop }
}

const isSound = async (page: Page) => assert.deepEqual(await audit(page), [])

async function type(page: Page, code: string): Promise<void> {
  await page.locator('#code').fill(code)
  await posting(page, () => page.locator('#code').press('Enter'))
}

describe('paying on the hosted page', () => {
  for (const javaScriptEnabled of [true, false])
    browserTest(
      `a customer pays with a code and a PIN and goes back to the shop, ${javaScriptEnabled ? 'with' : 'without'} a script`,
      async ({ open }) => {
        const { url, reference, shop } = await asked(cimb, CIMB)
        const page = await open({ javaScriptEnabled })
        await page.goto(url)
        if (javaScriptEnabled) await isSound(page)
        assert.ok((await page.content()).includes('Rp'))
        await type(page, WRONG_OTP)
        await page.locator('#error').waitFor()
        if (javaScriptEnabled) await isSound(page)
        await page.locator('button.language').click()
        await page.locator('html[lang=en]').waitFor()
        await type(page, OTP)
        assert.equal(await page.locator('#code').inputValue(), '')
        assert.match(await page.locator('main').innerText(), /PIN/)
        if (javaScriptEnabled) await isSound(page)
        await type(page, PIN)
        const back = page.locator('[data-shop]')
        await back.waitFor()
        assert.match(await page.locator('h1').innerText(), /Payment successful/)
        if (javaScriptEnabled) await isSound(page)
        assert.equal(await stateOf(stage, reference), 'paid')
        assert.equal(await back.getAttribute('href'), shop)
        if (javaScriptEnabled) await page.waitForURL(shop, { timeout: 20_000 })
        else await Promise.all([page.waitForURL(shop), back.click()])
      },
    )

  browserTest(
    'a wallet’s customer approves in the app, and the page shows it by itself',
    async ({ open }) => {
      const { url, reference } = await asked(rina, OVO)
      const page = await open()
      await page.goto(`${url}?language=en`)
      assert.match(await page.locator('main').innerText(), /Open the OVO app/)
      await isSound(page)
      await page.getByText('Payment successful').waitFor({ timeout: 20_000 })
      assert.equal(await stateOf(stage, reference), 'paid')
    },
  )

  browserTest(
    'a customer who calls it off is shown the way back, and nobody else sees the page',
    async ({ open }) => {
      const { url, reference, shop } = await asked(cimb, CIMB)
      const page = await open()
      await page.goto(`${url}?language=en`)
      const stranger = await open()
      assert.equal((await stranger.goto(url))?.status(), 404)
      await posting(page, () => page.locator('button[value=cancel]').click())
      assert.match(await page.locator('h1').innerText(), /You cancelled the payment/)
      await isSound(page)
      assert.equal(await page.locator('[data-shop]').getAttribute('href'), `${shop}-failed`)
      assert.equal(await stateOf(stage, reference), 'reversed')
    },
  )
})
