import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import type { Page } from 'playwright-core'
import { bindAccount, PIN } from '../account-customer.ts'
import { bound, codeOf, rowOf, wrongCodes } from '../card-customer.ts'
import { openStage, type Stage } from '../stage.ts'
import { browserTest, findChromium } from './chromium.ts'

let stage: Stage
before(async () => {
  // A shop on this machine is allowed in demo mode alone.
  if (findChromium(process.env) !== undefined) stage = await openStage({ env: { GERBANG_MODE: 'demo' } })
})
after(() => stage?.close())

/** What a browser complained of: a policy that refuses what the page needs is among it. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    const { url } = message.location()
    if (message.type() === 'error' && url.includes('/binding/')) complaints.push(message.text())
  })
  return complaints
}

describe('keeping a card on the hosted page', () => {
  for (const javaScriptEnabled of [true, false])
    browserTest(
      `a cardholder keeps a card on the page and goes back to the shop, ${javaScriptEnabled ? 'with' : 'without'} a script`,
      async ({ open }) => {
        const shop = `${stage.url}/healthz?shop`
        const additionalInfo = { successRegistrationUrl: shop, failedRegistrationUrl: `${shop}-failed` }
        const { answer, referenceNo } = await bound(stage, { body: { additionalInfo } }, { headers: {} })
        const right = await codeOf(stage, referenceNo)
        const [wrong = ''] = wrongCodes(right, 1)

        const page = await open({ javaScriptEnabled })
        const complaints = complaintsOf(page)
        await page.goto(answer.body.redirectUrl)
        const field = page.locator('#code')
        await field.fill(wrong)
        await page.locator('button.main').click()
        await page.locator('#error').waitFor()
        assert.equal(await field.inputValue(), wrong)

        await page.locator('button.language').click()
        await page.locator('html[lang=en]').waitFor()
        assert.equal(await field.inputValue(), wrong)

        await field.fill(`${right.slice(0, 3)} ${right.slice(3)}`)
        await field.press('Enter')
        const back = page.locator('[data-shop]')
        await back.waitFor()
        assert.equal((await rowOf(stage, referenceNo)).state, 'active')
        assert.equal(await back.getAttribute('href'), shop)
        // Nothing is added to the address, neither by the script that goes there nor by the link.
        if (javaScriptEnabled) await page.waitForURL(shop, { timeout: 20_000 })
        else await Promise.all([page.waitForURL(shop), back.click()])
        assert.deepEqual(
          complaints.filter((text) => !text.includes('422')),
          [],
        )
      },
    )

  for (const javaScriptEnabled of [true, false])
    browserTest(
      `a customer links an account with code and PIN and goes back to the shop, ${javaScriptEnabled ? 'with' : 'without'} a script`,
      async ({ open }) => {
        const shop = `${stage.url}/healthz?shop`
        const info = { successRegistrationUrl: shop, failedRegistrationUrl: `${shop}-failed` }
        const { body } = await bindAccount(stage.merchant, { info })
        const page = await open({ javaScriptEnabled })
        const complaints = complaintsOf(page)
        await page.goto(body.redirectUrl)
        await page.locator('#code').fill(await codeOf(stage, body.referenceNo))
        await page.locator('#code').press('Enter')
        const pin = page.locator('#code[type=password]')
        await pin.waitFor()
        await pin.fill('654321')
        await page.locator('button.main').click()
        await page.locator('#error').waitFor()
        assert.equal(await pin.inputValue(), '')
        await pin.fill(PIN)
        await pin.press('Enter')
        await page.locator('[data-shop]').waitFor()
        assert.equal((await rowOf(stage, body.referenceNo)).state, 'active')
        if (javaScriptEnabled) await page.waitForURL(shop, { timeout: 20_000 })
        else await Promise.all([page.waitForURL(shop), page.locator('[data-shop]').click()])
        assert.deepEqual(
          complaints.filter((text) => !text.includes('422')),
          [],
        )
      },
    )

  browserTest('another tab shows the same page, another browser shows nothing', async ({ open }) => {
    const { answer, cardNumber } = await bound(stage, {}, { headers: {} })
    const first = await open()
    await first.goto(answer.body.redirectUrl)
    const second = await first.context().newPage()
    await second.goto(answer.body.redirectUrl)
    assert.ok((await second.content()).includes(cardNumber.slice(-4)))
    const stranger = await open()
    const response = await stranger.goto(answer.body.redirectUrl)
    assert.equal(response?.status(), 404)
    assert.ok(!(await stranger.content()).includes(cardNumber.slice(-4)))
  })

  browserTest('a program that looks at the link first locks nobody out', async ({ open }) => {
    const { answer, referenceNo, cardNumber } = await bound(stage, {}, { headers: {} })
    const url = answer.body.redirectUrl
    assert.equal((await fetch(url)).status, 200)
    const page = await open()
    assert.equal((await page.goto(url))?.status(), 200)
    assert.equal((await fetch(url)).status, 404, 'it belongs to whoever was steered there')
    await page.locator('#code').fill(await codeOf(stage, referenceNo))
    await page.locator('#code').press('Enter')
    await page.getByText(cardNumber.slice(-4)).first().waitFor()
    await page.locator('#code').waitFor({ state: 'detached' })
    assert.equal((await rowOf(stage, referenceNo)).state, 'active')
  })

  browserTest('a site that is not registered cannot show the page in a frame', async ({ open }) => {
    const { answer, cardNumber } = await bound(stage, {}, { headers: {} })
    const page = await open()
    await page.goto(`${stage.url}/healthz`)
    await page.setContent(`<iframe src="${answer.body.redirectUrl}"></iframe>`)
    const frame = page.frames().at(-1)
    await frame?.waitForLoadState()
    const text = await frame?.content()
    assert.ok(!text?.includes(cardNumber.slice(-4)), 'a shop that is not registered shows nothing')
  })
})
