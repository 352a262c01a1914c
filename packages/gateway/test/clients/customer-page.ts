import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import type { Stage } from '../stage.ts'

/** A customer with a telephone that nobody else has; strangers' PIN at every bank of the simulator. */
export interface Customer {
  readonly phoneNo: string
  readonly pin: string
}

export const PIN = '123456'

/** A browser without scripts: it keeps cookies, follows the page and sends what stands in the form. */
class Browser {
  html = ''
  status = 0
  #cookie = ''
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async open(): Promise<void> {
    await this.#send({})
  }

  async submit(fields: Readonly<Record<string, string>>): Promise<void> {
    await this.#send({ method: 'POST', body: new URLSearchParams({ ...this.hidden(), ...fields }) })
  }

  /** Which kind of code the page asks for, if it asks for one. */
  hidden(): Record<string, string> {
    const inputs = this.html.match(/<input type="hidden"[^>]*>/g) ?? []
    return Object.fromEntries(
      inputs.map((input) => [
        /name="([^"]*)"/.exec(input)?.[1] ?? '',
        /value="([^"]*)"/.exec(input)?.[1] ?? '',
      ]),
    )
  }

  async #send(init: RequestInit): Promise<void> {
    const response = await fetch(this.#url, {
      ...init,
      headers: this.#cookie ? { cookie: this.#cookie } : {},
    })
    this.#cookie = response.headers.get('set-cookie')?.split(';')[0] ?? this.#cookie
    this.status = response.status
    this.html = await response.text()
  }
}

/** The customer gives the codes and PINs that a hosted page asks for, and is led back to the shop. */
export async function confirmOnPage(stage: Stage, url: string, customer: Customer): Promise<void> {
  const browser = new Browser(url)
  await browser.open()
  for (let steps = 0; steps < 4; steps++) {
    assert.equal(browser.status, 200, browser.html)
    const { kind } = browser.hidden()
    if (kind === undefined) break
    await browser.submit({ action: 'verify', code: await codeFor(stage, kind, customer) })
  }
  assert.match(browser.html, /shop\.example\/ok/, browser.html)
}

/** The customer looks at the page that waits for his application, says yes there, and is led back to the shop. */
export async function approveInApp(stage: Stage, url: string, referenceNo: string): Promise<void> {
  const browser = new Browser(url)
  await browser.open()
  assert.equal(browser.status, 200, browser.html)
  await approveAtBank(stage, referenceNo)
  const until = Date.now() + 10_000
  while (!browser.html.includes('shop.example/ok')) {
    assert.ok(Date.now() < until, browser.html)
    await browser.submit({ action: 'approved' })
    await wait(50)
  }
}

/** The customer says yes in the application of the bank or wallet itself. */
export async function approveAtBank({ simulator }: Stage, referenceNo: string): Promise<void> {
  const response = await fetch(`${simulator.url}/_sim/charges/${referenceNo}/approve`, { method: 'POST' })
  assert.equal(response.status, 200, await response.text())
}

async function codeFor({ simulator }: Stage, kind: string, { phoneNo, pin }: Customer): Promise<string> {
  if (kind === 'pin') return pin
  const response = await fetch(`${simulator.url}/_sim/inbox?phone=${phoneNo}`)
  const [newest] = (await response.json()) as { code: string }[]
  assert.ok(newest, 'a code has come')
  return newest.code
}
