import { randomInt } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Simulator, type SimulatorOptions, startSimulator } from '../src/index.ts'

export const CARD = '9360000220000000011'
/** Has no limit. */
export const LOAD_CARD = '9360000220000000037'
export const APPROVES = '12345678'
export const START = Date.parse('2026-11-21T03:00:00.000Z')

let serial = 0

/** 32 digits nobody has used. */
export function aReference(): string {
  serial += 1
  return `${randomInt(1_000_000_000, 9_999_999_999)}${String(serial).padStart(22, '0')}`
}

/** A charge that is approved; `takes` differs from it. */
export function aCharge(takes: Record<string, unknown> = {}) {
  return {
    referenceNo: aReference(),
    merchantReferenceNo: 'INV-1',
    merchantId: 'BRN-0001',
    cardNumber: CARD,
    oneTimeToken: APPROVES,
    amount: { value: '10000.00', currency: 'IDR' },
    expiresAt: '2099-11-21T03:00:00.000Z',
    ...takes,
  }
}

export function rupiah(value: string) {
  return { value, currency: 'IDR' }
}

export interface Reply {
  status: number
  body: Record<string, unknown>
}

export async function call(url: string, method: string, body?: unknown, key?: string): Promise<Reply> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

export function aDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'simulator-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

interface Timer {
  readonly at: number
  readonly action: () => void
}

/** A simulator whose time stands still until `advance`. */
export async function aSimulator(t: TestContext, options: Partial<SimulatorOptions> = {}) {
  const directory = options.directory ?? aDirectory(t)
  let now = START
  let timers: Timer[] = []
  const settings: SimulatorOptions = {
    directory,
    port: 0,
    clock: () => now,
    after(delayMs, action) {
      const timer = { at: now + delayMs, action }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    ...options,
  }
  let simulator: Simulator = await startSimulator(settings)
  t.after(() => simulator.close())
  const network = (path: string) => `${simulator.url}/network/v1${path}`

  return {
    directory,
    get url() {
      return simulator.url
    },
    get ledgerPath() {
      return simulator.ledgerPath
    },
    timers: () => timers.length,
    advance(ms: number) {
      now += ms
      const due = timers.filter(({ at }) => at <= now)
      timers = timers.filter(({ at }) => at > now)
      for (const { action } of due) action()
    },
    async restart(downMs = 0) {
      await simulator.close()
      timers = []
      now += downMs
      simulator = await startSimulator(settings)
    },
    charge: (takes: Record<string, unknown> = {}) => call(network('/charges'), 'POST', aCharge(takes)),
    inquire: (referenceNo: string) => call(network(`/charges/${referenceNo}`), 'GET'),
    control: (method: string, path: string, body?: unknown) =>
      call(`${simulator.url}/_sim${path}`, method, body),
    async book(): Promise<Record<string, unknown>[]> {
      const text = await (await fetch(network('/book'))).text()
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    },
  }
}

/** Resolves once `condition` holds; it is asked again each turn of the event loop. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('what was waited for did not come within ten seconds')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
