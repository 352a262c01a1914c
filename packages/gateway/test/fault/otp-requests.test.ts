import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { SnapError } from '@gerbang/snap'
import type { BindingAnswer, Channel } from '../../src/channels/channel.ts'
import { openChannels } from '../../src/channels/index.ts'
import { ACCOUNT_CHANNELS, newPhone } from '../account-customer.ts'
import { aBinding, BIND_PATH, H2H, messagesOf, newCard, OTP_PATH } from '../card-customer.ts'
import { aDebit, type KeptAccount, keepAccount, MANDIRI } from '../kept-accounts.ts'
import { type Merchant, newId } from '../merchant.ts'
import { Browser } from '../scriptless-browser.ts'
import { openStage, type Stage } from '../stage.ts'
import { type DebitProcesses, openDebitProcesses } from './debit-alike.ts'
import { Fate, JumpingClock } from './process-alike.ts'

const clock = new JumpingClock()
/** Where the simulator's time stands still, its banks find that the last code was sent a moment ago. */
let isBankStill = false
const bankClock = () => (isBankStill ? stoodAt : clock.now())
let stoodAt = 0
/** Which codes the networks were asked for, over all gateways. */
const asked: string[] = []
const REFUSED: BindingAnswer = { kind: 'declined', outcome: 'generalError', networkCode: 'X50000' }
let isRefusing = false
let stage: Stage
let urls: readonly string[] = []
let account: KeptAccount

before(async () => {
  stage = await openStage({
    env: {
      ...ACCOUNT_CHANNELS,
      GERBANG_TRANSACTION_TOLERANCE_SECONDS: '0',
      GERBANG_TOKEN_SECONDS: '86400',
      GERBANG_RECONCILE_EVERY_MS: '3600000',
    },
    seams: { clock },
    simulator: { clock: bankClock },
  })
  const gateways = await Promise.all(
    [1, 2].map(() => stage.openAnother({ clock, channels: watched(stage, ['kki', 'mandiri']) })),
  )
  urls = gateways.map(({ url }) => url)
  account = await keepAccount(stage, 'mandiri')
})
after(() => stage.close())

function watched({ simulator, config }: Stage, opened: readonly string[]): readonly Channel[] {
  const network = { url: simulator.url, key: config.networkKey, connections: 8 }
  return openChannels({ opened, network, urls: {} }).map((channel) => {
    const { bindings } = channel
    assert.ok(bindings)
    const resendOtp: typeof bindings.resendOtp = async (referenceNo, timeoutMs) => {
      asked.push(referenceNo)
      return isRefusing ? REFUSED : bindings.resendOtp(referenceNo, timeoutMs)
    }
    return { ...channel, bindings: { ...bindings, resendOtp } }
  })
}

const askedFor = (referenceNo: string) => asked.filter((one) => one === referenceNo).length

async function boundAt(channel: string, headers: Readonly<Record<string, string>> = H2H) {
  const isKki = channel === 'KARTU_KREDIT_INDONESIA_SNAP'
  const cardNumber = isKki ? await newCard(stage) : `4617${String(randomInt(1e12)).padStart(12, '0')}`
  const body = aBinding(stage.merchant, {
    cardNumber,
    card: { expiryDate: '1129' },
    body: {
      phoneNo: newPhone(),
      additionalInfo: {
        channel,
        successRegistrationUrl: 'https://shop.example/kept',
        failedRegistrationUrl: 'https://shop.example/not-kept',
      },
    },
  })
  const answer = await stage.merchant.call(BIND_PATH, body, { headers, baseUrl: String(urls[0]) })
  assert.equal(answer.body.responseCode, '2000100', answer.text)
  return answer.body as { referenceNo: string; redirectUrl: string }
}

/** Ten wishes for another code at once, over both gateways. Returns how often each answer was given. */
async function tenWishes(merchant: Merchant, referenceNo: string): Promise<Record<string, number>> {
  clock.jump(61_000)
  const told: Record<string, number> = {}
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      merchant.call(
        OTP_PATH,
        { originalReferenceNo: referenceNo },
        { baseUrl: String(urls[index % urls.length]) },
      ),
    ),
  )
  for (const { body } of answers) told[body.responseCode] = (told[body.responseCode] ?? 0) + 1
  return told
}

test('a network that refuses every other code is asked three times, however many wish for one through two gateways', async () => {
  const { referenceNo } = await boundAt('KARTU_KREDIT_INDONESIA_SNAP')
  isRefusing = true
  for (let round = 1; round <= 3; round++) {
    const others = round < 3 ? '4298100' : '4038104'
    assert.deepEqual(await tenWishes(stage.merchant, referenceNo), { '5008100': 1, [others]: 9 })
    assert.equal(askedFor(referenceNo), round)
  }
  isRefusing = false
  assert.deepEqual(await tenWishes(stage.merchant, referenceNo), { '4038104': 10 })
  assert.equal(askedFor(referenceNo), 3)
})

test('a network that sends none unasked and refuses is asked four times, also for the first', async () => {
  isRefusing = true
  const { referenceNo } = await boundAt(MANDIRI)
  for (let time = 0; time < 4; time++) await tenWishes(stage.merchant, referenceNo)
  isRefusing = false
  assert.deepEqual(await tenWishes(stage.merchant, referenceNo), { '4038104': 10 })
  assert.equal(askedFor(referenceNo), 4)
})

test('the first code that has to be asked for is none of the three that may follow', async () => {
  const { referenceNo } = await boundAt(MANDIRI)
  for (let sent = 1; sent <= 4; sent++) {
    const others = sent < 4 ? '4298100' : '4038104'
    assert.deepEqual(await tenWishes(stage.merchant, referenceNo), { '2008100': 1, [others]: 9 })
    assert.equal((await messagesOf(stage, referenceNo)).length, sent)
  }
  assert.deepEqual(await tenWishes(stage.merchant, referenceNo), { '4038104': 10 })
  assert.equal(askedFor(referenceNo), 4)
})

test('the page counts what the network refused, and has the next wait', async () => {
  const { redirectUrl, referenceNo } = await boundAt('KARTU_KREDIT_INDONESIA_SNAP', { 'CHANNEL-ID': 'DH' })
  const page = new Browser(`${urls[0]}${new URL(redirectUrl).pathname}`)
  isRefusing = true
  for (const left of ['Sisa 2 kali', 'Sisa 1 kali', 'tidak dapat dikirim ulang lagi']) {
    clock.jump(61_000)
    await page.get()
    await page.post({ action: 'resend' })
    await page.post({ action: 'resend' })
    assert.ok(page.html.includes(left), page.html)
  }
  isRefusing = false
  assert.equal(askedFor(referenceNo), 3)
})

/** A life that counts how often a bank is asked for a code. */
class Counting extends Fate {
  asked = 0

  constructor() {
    super(Number.POSITIVE_INFINITY)
  }

  override cross(boundary: string): void {
    if (boundary === 'before another code') this.asked += 1
  }
}

async function aWaitingPayment(processes: DebitProcesses): Promise<string> {
  const body = aDebit(MANDIRI) as Parameters<DebitProcesses['pay']>[1]['body']
  const { referenceNo } = await processes.pay(new Counting(), { externalId: newId(), body, account })
  return referenceNo
}

/** Six wishes at once for another code of a payment, over two processes; sorted. */
async function sixWishes(
  processes: readonly DebitProcesses[],
  referenceNo: string,
  fate: Fate,
): Promise<string> {
  clock.jump(61_000)
  const told = await Promise.all(
    Array.from({ length: 6 }, async (_, index) => {
      const resend = processes[index % 2]?.resend(fate, { referenceNo, externalId: newId() })
      return resend?.then(
        ({ reply }) => reply.text.slice(17, 24),
        (error: unknown) => (error instanceof SnapError ? error.outcome : String(error)),
      )
    }),
  )
  return [...new Set(told)].sort().join()
}

async function withTwo(work: (two: readonly DebitProcesses[], one: DebitProcesses) => Promise<void>) {
  const one = openDebitProcesses(stage, 'mandiri', clock)
  const other = openDebitProcesses(stage, 'mandiri', clock)
  try {
    await work([one, other], one)
  } finally {
    await one.close()
    await other.close()
  }
}

test('of a payment, too, the first code that is asked for is none of the three that may follow', () =>
  withTwo(async (two, one) => {
    const referenceNo = await aWaitingPayment(one)
    const fate = new Counting()
    for (let sent = 1; sent <= 4; sent++) {
      const others = sent < 4 ? 'tooManyRequests' : 'activityCountLimitExceeded'
      assert.equal(await sixWishes(two, referenceNo, fate), `2008100,${others}`)
      assert.equal((await messagesOf(stage, referenceNo)).length, sent)
    }
    assert.equal(await sixWishes(two, referenceNo, fate), 'activityCountLimitExceeded')
    assert.equal(fate.asked, 4)
  }))

test('a bank that refuses other codes for a payment is asked for no more of them', () =>
  withTwo(async (two, one) => {
    const referenceNo = await aWaitingPayment(one)
    const fate = new Counting()
    assert.equal(await sixWishes(two, referenceNo, fate), '2008100,tooManyRequests')
    stoodAt = clock.now()
    isBankStill = true
    for (let round = 0; round < 3; round++) {
      const others = round < 2 ? 'tooManyRequests' : 'activityCountLimitExceeded'
      assert.equal(await sixWishes(two, referenceNo, fate), `4298100,${others}`)
      assert.equal(fate.asked, 2 + round)
    }
    assert.equal(await sixWishes(two, referenceNo, fate), 'activityCountLimitExceeded')
    isBankStill = false
    const [row] = await stage.query<{ resends: number; otp_requests: number }>(
      'select resends, otp_requests from payment_steps where reference_no = $1',
      [referenceNo],
    )
    assert.deepEqual(row, { resends: 0, otp_requests: 4 })
  }))
