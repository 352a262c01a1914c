import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { bound, codeOf, rowOf, wrongCodes } from '../card-customer.ts'
import { openStage, type Stage } from '../stage.ts'
import { findChromium, startChromium } from './chromium.ts'

const executable = findChromium(process.env)
const why = executable === undefined && 'no Chromium: set GERBANG_CHROMIUM'
let stage: Stage
let browser: Browser
before(async () => {
  if (executable === undefined) return
  // A shop on this machine is allowed in demo mode alone.
  stage = await openStage({ env: { GERBANG_MODE: 'demo' } })
  browser = await startChromium(executable)
})
after(async () => {
  await browser?.close()
  await stage?.close()
})

for (const javaScriptEnabled of [true, false])
  test(`a cardholder keeps a card on the page and goes back to the shop, ${javaScriptEnabled ? 'with' : 'without'} a script`, {
    skip: why,
  }, async () => {
    const shop = `${stage.url}/healthz?shop`
    const additionalInfo = { successRegistrationUrl: shop, failedRegistrationUrl: `${shop}-failed` }
    const { answer, referenceNo } = await bound(stage, { body: { additionalInfo } }, { headers: {} })
    const right = await codeOf(stage, referenceNo)
    const [wrong = ''] = wrongCodes(right, 1)

    const context = await browser.newContext({ javaScriptEnabled })
    const page = await context.newPage()
    const refused: string[] = []
    page.on('console', (message) => void (message.type() === 'error' && refused.push(message.text())))
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
    if (javaScriptEnabled) await page.waitForURL(shop, { timeout: 20_000 })
    else await Promise.all([page.waitForURL(shop), back.click()])
    // The answer to a wrong code has the status that it has; nothing of the page itself was refused.
    assert.deepEqual(
      refused.filter((text) => !text.includes('422')),
      [],
    )
    await context.close()
  })

test('another tab of the same browser shows the same page, another browser shows nothing', {
  skip: why,
}, async () => {
  const { answer, cardNumber } = await bound(stage, {}, { headers: {} })
  const own = await browser.newContext()
  const [first, second] = await Promise.all([own.newPage(), own.newPage()])
  await first?.goto(answer.body.redirectUrl)
  await second?.goto(answer.body.redirectUrl)
  assert.ok((await second?.content())?.includes(cardNumber.slice(-4)))
  const stranger = await browser.newContext()
  const page = await stranger.newPage()
  const response = await page.goto(answer.body.redirectUrl)
  assert.equal(response?.status(), 404)
  assert.ok(!(await page.content()).includes(cardNumber.slice(-4)))
  await Promise.all([own.close(), stranger.close()])
})
