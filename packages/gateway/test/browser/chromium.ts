import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, type TestContext, test } from 'node:test'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const USUAL_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]
const NONE = 'NOT TESTED: no Chromium found; install one or set GERBANG_CHROMIUM to its path'

/** `GERBANG_CHROMIUM`, or the first of the usual paths that exists. */
export function findChromium(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return env.GERBANG_CHROMIUM || USUAL_PATHS.find((path) => existsSync(path))
}

/** A browser without a window. */
export function startChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--disable-gpu', '--disable-dev-shm-usage'] })
}

/** What a test in a browser gets. */
export interface Stage {
  /** A page in a context of its own, which ends with the test. */
  open(options?: BrowserContextOptions): Promise<Page>
  /** A page in a context that earlier tests may have used: for those whose servers differ, so that nothing is left to find. */
  borrow(options: BrowserContextOptions): Promise<Page>
  /** Leaves something to be done when the test is over. */
  after(work: () => Promise<void>): void
}

let started: Promise<Browser> | undefined
/** Those that nobody has borrowed now, by their options. A context costs as much as looking at three pages. */
const lent = new Map<string, Page[]>()

/**
 * A test in the one browser of its file. Without a Chromium it is skipped and says so, unless
 * `GERBANG_REQUIRE_BROWSER=1`: then it fails.
 */
export function browserTest(title: string, body: (stage: Stage) => Promise<void>): void {
  const executable = findChromium(process.env)
  const skip = executable === undefined && process.env.GERBANG_REQUIRE_BROWSER !== '1' && NONE
  test(title, { skip, timeout: 60_000 }, async (t: TestContext) => {
    if (executable === undefined) throw new Error(NONE)
    started ??= startChromium(executable)
    const browser = await started
    await body({
      open: async (options) => {
        const context = await browser.newContext(options)
        t.after(() => context.close())
        return context.newPage()
      },
      borrow: async (options) => {
        const key = JSON.stringify(options)
        const page = lent.get(key)?.pop() ?? (await (await browser.newContext(options)).newPage())
        t.after(async () => {
          page.removeAllListeners()
          await page.goto('about:blank')
          lent.set(key, [...(lent.get(key) ?? []), page])
        })
        return page
      },
      after: (work) => t.after(work),
    })
  })
}

if (findChromium(process.env) === undefined) process.stdout.write(`﹣ the hosted pages: ${NONE}\n`)
after(async () => (await started)?.close())

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The names and places of what the auditor faults, without the rules in `except`. */
export function audit(page: Page, except: readonly string[] = []): Promise<readonly string[]> {
  return runAxe(page, { rules: Object.fromEntries(except.map((rule) => [rule, { enabled: false }])) })
}

/** The same for colours only. */
export function auditContrast(page: Page): Promise<readonly string[]> {
  return runAxe(page, { runOnly: ['color-contrast', 'link-in-text-block'] })
}

async function runAxe(page: Page, options: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(AXE)
  return page.evaluate(
    `axe.run(${JSON.stringify({ resultTypes: ['violations'], ...options })}).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
  )
}

/** Goes to a page whose clock stands at `at` (epoch milliseconds) until the test moves it. */
export async function openAt(page: Page, at: number, address: string): Promise<void> {
  await page.clock.install({ time: at - 1_000 })
  await page.clock.pauseAt(at)
  await page.goto(address)
}

/** Does something that posts the form, and waits until the server has answered. */
export async function posting(page: Page, act: () => Promise<void>): Promise<void> {
  const answered = page.waitForResponse((response) => response.request().method() === 'POST')
  await act()
  await answered
}
