import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Bindings, Channel } from '../../src/channels/channel.ts'
import { cimb } from '../../src/channels/cimb/index.ts'
import { askedAccount, askedForPin, CIMB, newPhone, PIN } from '../account-customer.ts'
import { codeOf, eventsOf, rowOf, wrongCodes } from '../card-customer.ts'
import { redeem } from '../customer.ts'
import { aDebit } from '../kept-accounts.ts'
import { PAYMENT_PATH } from '../merchant.ts'
import { Browser } from '../scriptless-browser.ts'
import { openStage, type Stage } from '../stage.ts'

/** Which tries reached the bank, over all processes. */
const asked: { referenceNo: string; step: string; attempt: number }[] = []
let stage: Stage
let urls: readonly string[] = []

function watched({ simulator, config }: Stage): readonly Channel[] {
  const url = `${simulator.url}/bank/v1/cimb`
  const channel = cimb.open({ url, key: config.networkKey, connections: 32 })
  const { bindings } = channel
  assert.ok(bindings)
  const watching: Bindings = {
    ...bindings,
    verifyOtp(instruction, timeoutMs) {
      const { referenceNo, step, attempt } = instruction
      asked.push({ referenceNo, step, attempt })
      return bindings.verifyOtp(instruction, timeoutMs)
    },
  }
  return [{ ...channel, bindings: watching }]
}

before(async () => {
  stage = await openStage({ env: { GERBANG_CHANNELS: 'kki,cimb', GERBANG_UNBINDING_EVERY_MS: '50' } })
  const gateways = await Promise.all([1, 2].map(() => stage.openAnother({ channels: watched(stage) })))
  urls = gateways.map(({ url }) => url)
})
after(() => stage.close())

/** The same page through one of the two processes, in the same browser. */
function through(browser: Browser, index: number): Browser {
  const path = new URL(browser.url).pathname
  const other = new Browser(`${urls[index % urls.length]}${path}`)
  return Object.assign(other, { cookie: browser.cookie, html: browser.html })
}

/** Types the codes on the page through both processes at once, and those that met another one again. */
async function typeAll(browser: Browser, referenceNo: string, codes: readonly string[]): Promise<void> {
  const until = Date.now() + 20_000
  await Promise.all(
    codes.map(async (code, index) => {
      const page = through(browser, index)
      for (;;) {
        await page.post({ action: 'verify', code })
        const isWaiting = page.status === 200 && page.html.includes('data-poll="')
        if ((!isWaiting && page.status !== 429) || Date.now() > until) return
        page.html = browser.html
        await new Promise((resolve) => setTimeout(resolve, 30))
      }
    }),
  )
  assert.notEqual((await rowOf(stage, referenceNo)).state, 'verifying')
}

const triesOf = (referenceNo: string, step: string) =>
  asked.filter((one) => one.referenceNo === referenceNo && one.step === step).map(({ attempt }) => attempt)

test('twenty wrong codes at once through two processes: five reach the bank', async () => {
  const { browser, referenceNo } = await askedAccount(stage)
  await typeAll(
    browser,
    referenceNo,
    Array.from({ length: 20 }, (_, index) => String(410_000 + index)),
  )
  assert.deepEqual(triesOf(referenceNo, 'otp'), [1, 2, 3, 4, 5])
  assert.equal((await rowOf(stage, referenceNo)).state, 'blocked')
  assert.equal((await eventsOf(stage, referenceNo)).length, 1)
})

test('twenty wrong PINs at once through two processes: three reach the bank', async () => {
  const { browser, referenceNo } = await askedForPin(stage)
  await typeAll(
    browser,
    referenceNo,
    Array.from({ length: 20 }, (_, index) => String(410_000 + index)),
  )
  assert.deepEqual(triesOf(referenceNo, 'pin'), [1, 2, 3])
  const row = await rowOf(stage, referenceNo)
  assert.deepEqual([row.state, row.attempts], ['blocked', 3])
  assert.equal((await eventsOf(stage, referenceNo)).length, 1)
})

test('the right PIN twenty times at once keeps the account once', async () => {
  const { browser, referenceNo } = await askedForPin(stage)
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => through(browser, index).post({ action: 'verify', code: PIN })),
  )
  assert.deepEqual(triesOf(referenceNo, 'pin'), [1])
  assert.equal((await rowOf(stage, referenceNo)).state, 'active')
  assert.equal((await eventsOf(stage, referenceNo)).length, 1)
})

test('the right PIN among wrong ones keeps the account at most once, and never after the third', async () => {
  for (let round = 0; round < 4; round++) {
    const { browser, referenceNo } = await askedForPin(stage)
    await typeAll(browser, referenceNo, [...wrongCodes(PIN, 6), PIN, PIN])
    assert.match((await rowOf(stage, referenceNo)).state, /^(active|blocked)$/)
    assert.ok(triesOf(referenceNo, 'pin').length <= 3)
  }
})

test('the right code many times at once asks for the PIN, and no code is tried as one', async () => {
  const { browser, referenceNo } = await askedAccount(stage)
  const code = await codeOf(stage, referenceNo)
  await Promise.all(
    Array.from({ length: 10 }, (_, index) => through(browser, index).post({ action: 'verify', code })),
  )
  assert.deepEqual([triesOf(referenceNo, 'otp'), triesOf(referenceNo, 'pin')], [[1], []])
  assert.equal((await rowOf(stage, referenceNo)).state, 'pin_wanted')
})

test('of many customers who confirm one account at once one has it, and the bank forgets the others', async () => {
  const phoneNo = newPhone()
  const asked = await Promise.all(Array.from({ length: 8 }, () => askedForPin(stage, { phoneNo })))
  await Promise.all(
    asked.map(({ browser }, index) => through(browser, index).post({ action: 'verify', code: PIN })),
  )
  const rows = await Promise.all(asked.map(({ referenceNo }) => untilSettled(referenceNo)))
  const winners = asked.filter((_, index) => rows[index]?.state === 'active')
  assert.equal(winners.length, 1, JSON.stringify(rows.map(({ state }) => state)))
  const lost = rows.filter(({ state }) => state === 'failed')
  assert.deepEqual(
    lost.map(({ outcome, bank_card_token }) => [outcome, bank_card_token]),
    Array.from({ length: 7 }, () => ['transactionNotPermitted', null]),
  )
  for (const { referenceNo } of asked) assert.equal((await eventsOf(stage, referenceNo)).length, 1)
  assert.deepEqual(
    stage.logged.filter((line) => line.includes('Contradiction')),
    [],
  )
  const [winner] = winners
  assert.ok(winner)
  assert.deepEqual(await surplusOnceForgotten(winner.referenceNo), { forgotten: 7 })
  await expectPays(winner)
})

async function untilSettled(referenceNo: string) {
  for (const until = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const row = await rowOf(stage, referenceNo)
    if (!['pin_wanted', 'verifying'].includes(row.state) || Date.now() > until) return row
  }
}

/** In which states the tokens are that the bank gave the others, once it was told of them. */
async function surplusOnceForgotten(referenceNo: string): Promise<Record<string, number>> {
  for (const until = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const rows = await stage.query<{ state: string; n: number }>(
      `select s.state, count(*)::int as n from surplus_tokens s join bindings b using (partner_id, bank_card_token)
        where b.reference_no = $1 group by 1`,
      [referenceNo],
    )
    const counted = Object.fromEntries(rows.map(({ state, n }) => [state, n]))
    if (counted.forgotten === 7 || Date.now() > until) return counted
  }
}

async function expectPays({ authCode }: { readonly authCode: string }): Promise<void> {
  const customerToken = (await redeem(stage.merchant, authCode)).body.accessToken as string
  const paid = await stage.merchant.call(PAYMENT_PATH, aDebit(CIMB), {
    headers: { 'Authorization-Customer': customerToken },
  })
  assert.equal(paid.body.responseCode, '2005400', paid.text)
}
