import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { Page } from 'playwright-core'
import type { Language } from '../../src/page/index.ts'
import { audit, auditContrast, browserTest, type Stage } from './chromium.ts'
import { type PageServer, startPageServer, withoutScript } from './page-server.ts'
import { NOW, SAMPLES } from './samples.ts'

const WIDTHS = [320, 1280]
const TARGET_MIN = 44

/** A page that only shows how far things are may ask again by itself: nobody loses anything by it. */
const REFRESHES = new Set(['pending', 'payment-pending', 'linking-pending'])

/** The browser's own line about the status of a page, which is meant. */
const OWN_STATUS = /^Failed to load resource: the server responded with a status of [45]/

describe('in Chromium', { concurrency: 3 }, () => {
  for (const state of Object.keys(SAMPLES)) {
    browserTest(
      `${state}: sound in both languages, with and without script, at both widths`,
      async (stage) => {
        const server = await serveSamples(stage)
        const [withScript, without] = [
          await watched(stage, server, true),
          await watched(stage, server, false),
        ]
        for (const language of ['id', 'en'] as const) {
          const address = `${server.url}/${state}?language=${language}`
          await look(withScript.page, { address, language })
          await lookByNight(withScript.page)
          const words = await look(without.page, { address, language, isScriptOff: true })
          await lookAtStandIn(withScript.page, `${address}&script=off`, words, REFRESHES.has(state))
        }
        assert.deepEqual([...withScript.faults, ...without.faults], [])
      },
    )
  }
})

function serveSamples(stage: Stage): Promise<PageServer> {
  return startPageServer(({ url }) => {
    if (url.pathname === '/status') return { status: 204, headers: {}, body: '' }
    const rendered = SAMPLES[url.pathname.slice(1)]?.(url.searchParams.get('language') as Language)
    return rendered && url.searchParams.has('script') ? withoutScript(rendered) : rendered
  }).then((server) => {
    stage.after(() => server.stop())
    return server
  })
}

/** A page, and what it did that no page of ours does: faults in the console, requests to elsewhere. */
async function watched(stage: Stage, server: PageServer, javaScriptEnabled: boolean) {
  const faults: string[] = []
  const page = await stage.borrow({ javaScriptEnabled, reducedMotion: 'reduce' })
  await page.emulateMedia({ colorScheme: 'light' })
  // Timers run, but no time passes: nothing ends while somebody looks.
  if (javaScriptEnabled) await page.clock.setFixedTime(NOW)
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${server.url}/`)) faults.push(`asks ${request.url()}`)
  })
  page.on('console', (message) => {
    const isMeant = OWN_STATUS.test(message.text())
    if (['error', 'warning'].includes(message.type()) && !isMeant) faults.push(message.text())
  })
  return { page, faults }
}

interface Looked {
  readonly address: string
  readonly language: Language
  readonly isScriptOff?: boolean
}

/** @returns the words that the page shows */
async function look(page: Page, { address, language, isScriptOff }: Looked): Promise<string> {
  await page.goto(address)
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 })
    const scrolled = await page.evaluate('document.documentElement.scrollWidth')
    assert.ok(Number(scrolled) <= width, `${scrolled} px wide in a window of ${width}`)
    assert.deepEqual(await smallTargets(page), [], `at ${width} px`)
    if (!isScriptOff) assert.deepEqual(await audit(page), [], `at ${width} px`)
  }
  assert.equal(await page.locator('h1').count(), 1)
  assert.notEqual((await page.title()).trim(), '')
  assert.equal(await page.locator('html').getAttribute('lang'), language)
  return page.locator('body').innerText()
}

async function lookByNight(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' })
  assert.deepEqual(await auditContrast(page), [], 'in the dark')
  await page.emulateMedia({ colorScheme: 'light' })
}

/** The auditor cannot run where scripts are off; it looks at a page that is shown to be the same. */
async function lookAtStandIn(page: Page, address: string, words: string, isRefreshed: boolean) {
  await page.goto(address)
  assert.equal(await page.locator('body').innerText(), words)
  const except = isRefreshed ? ['meta-refresh', 'meta-refresh-no-exceptions'] : []
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 })
    assert.deepEqual(await audit(page, except), [], `without script at ${width} px`)
  }
}

/** Buttons, links and fields that are lower than a finger. */
async function smallTargets(page: Page): Promise<unknown> {
  return page.evaluate(
    `[...document.querySelectorAll('a, button, input:not([type=hidden])')]
      .filter((one) => one.checkVisibility() && !one.matches('.unseen'))
      .filter((one) => one.getBoundingClientRect().height < ${TARGET_MIN})
      .map((one) => one.outerHTML)`,
  )
}
