// node scripts/screenshots.mjs: pictures of every state of the hosted pages, for docs/pages. Build first.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PICTURES = process.argv[2] ?? join(ROOT, 'docs/pages')
const PHONE = 390
const DESKTOP = 1280
const ALSO_WIDE = new Set(['enter-code', 'payment-done'])
const ALSO_DARK = new Set(['enter-code'])

const browserTests = join(ROOT, 'packages/gateway/dist/test/browser')
const load = (name) => import(pathToFileURL(join(browserTests, name)))
const { NOW, SAMPLES } = await load('samples.js')
const { findChromium, startChromium } = await load('chromium.js')
const { startPageServer } = await load('page-server.js')

const executable = findChromium(process.env)
if (executable === undefined) throw new Error('No Chromium found: set GERBANG_CHROMIUM to its path')
const server = await startPageServer(({ url }) =>
  SAMPLES[url.pathname.slice(1)]?.(url.searchParams.get('language')),
)
const browser = await startChromium(executable)
try {
  mkdirSync(PICTURES, { recursive: true })
  for (const old of readdirSync(PICTURES).filter((name) => name.endsWith('.webp')))
    rmSync(join(PICTURES, old))
  for (const state of Object.keys(SAMPLES)) {
    for (const language of ['id', 'en']) {
      await take(state, language, { width: PHONE })
      if (ALSO_WIDE.has(state)) await take(state, language, { width: DESKTOP, suffix: '-1280' })
      if (ALSO_DARK.has(state))
        await take(state, language, { width: PHONE, suffix: '-dark', colorScheme: 'dark' })
    }
  }
} finally {
  await browser.close()
  await server.stop()
}

/** One picture with the clock standing still, so that the same page gives the same picture. */
async function take(state, language, { width, suffix = '', colorScheme = 'light' }) {
  const page = await browser.newPage({
    viewport: { width, height: 640 },
    colorScheme,
    reducedMotion: 'reduce',
  })
  await page.clock.install({ time: NOW })
  await page.goto(`${server.url}/${state}?language=${language}`)
  // A bar that sticks to the window's lower edge would lie in the middle of a longer picture.
  const height = await page.evaluate('document.documentElement.scrollHeight')
  await page.setViewportSize({ width, height: Math.max(height, 640) })
  const file = join(PICTURES, `${state}-${language}${suffix}.webp`)
  writeFileSync(file, await page.screenshot({ fullPage: true, type: 'webp', quality: 70 }))
  await page.close()
  console.log(file)
}
