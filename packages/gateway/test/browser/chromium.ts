import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const USUAL_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** `GERBANG_CHROMIUM`, or the first of the usual paths that exists. */
export function findChromium(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return env.GERBANG_CHROMIUM || USUAL_PATHS.find((path) => existsSync(path))
}

/** A browser without a window, for a whole test file. */
export function startChromium(executablePath: string) {
  return chromium.launch({ executablePath, args: ['--disable-gpu', '--disable-dev-shm-usage'] })
}
