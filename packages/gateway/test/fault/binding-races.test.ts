import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { BindingAnswer, Bindings, Channel } from '../../src/channels/channel.ts'
import { kkiChannel } from '../../src/channels/kki/index.ts'
import { bind, bound, codeOf, eventsOf, newCard, rowOf, verify, wrongCodes } from '../card-customer.ts'
import { openStage, type Stage } from '../stage.ts'

/** Which attempts reached the network, over all processes. */
const asked: { referenceNo: string; attempt: number }[] = []
const cancelled: string[] = []
let stage: Stage
let urls: readonly string[] = []

function watched({ simulator, config }: Stage, isLax = false): readonly Channel[] {
  const channel = kkiChannel({ url: simulator.url, key: config.networkKey, connections: 32 })
  const { bindings: cards } = channel
  assert.ok(cards)
  const watching: Bindings = {
    ...cards,
    verifyOtp(instruction, timeoutMs) {
      asked.push({ referenceNo: instruction.referenceNo, attempt: instruction.attempt })
      return isLax ? ANOTHER_TRY() : cards.verifyOtp(instruction, timeoutMs)
    },
    cancelBinding(referenceNo, timeoutMs) {
      cancelled.push(referenceNo)
      return cards.cancelBinding(referenceNo, timeoutMs)
    },
  }
  return [{ ...channel, bindings: watching }]
}

/** A network that never loses its patience. */
const ANOTHER_TRY: () => Promise<BindingAnswer> = async () => ({
  kind: 'otp-sent',
  networkReferenceNo: 'B1',
  networkCode: '55',
  otpExpiresAt: Date.now() + 300_000,
  attemptsLeft: 3,
})

before(async () => {
  stage = await openStage()
  const gateways = await Promise.all([1, 2].map(() => stage.openAnother({ channels: watched(stage) })))
  urls = gateways.map(({ url }) => url)
})
after(() => stage.close())

const urlOf = (index: number) => ({ baseUrl: String(urls[index % urls.length]) })

/** Tries the codes on both processes at once, and those that met another one again, until each has its word. */
async function tryAll(referenceNo: string, codes: readonly string[]): Promise<string[]> {
  const until = Date.now() + 20_000
  return Promise.all(
    codes.map(async (code, index) => {
      for (;;) {
        const { body } = await verify(stage.merchant, referenceNo, code, urlOf(index))
        if (body.responseCode !== '4090400' || Date.now() > until) return body.responseCode as string
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }),
  )
}

test('twenty wrong codes at once through two processes: five reach the network, and the rest is told that it is blocked', async () => {
  const { referenceNo } = await bound(stage)
  const codes = Array.from({ length: 20 }, (_, index) => String(410_000 + index))
  const told = await tryAll(referenceNo, codes)
  const reached = asked.filter((one) => one.referenceNo === referenceNo)
  assert.deepEqual(
    reached.map(({ attempt }) => attempt),
    [1, 2, 3, 4, 5],
  )
  assert.equal(told.filter((code) => code === '4040415').length, 4)
  assert.equal(told.filter((code) => code === '4030411').length, 16)
  const row = await rowOf(stage, referenceNo)
  assert.deepEqual([row.state, row.attempts], ['blocked', 5])
  assert.equal((await eventsOf(stage, referenceNo)).length, 1)
})

test('a code that is known to be wrong is not asked about again', async () => {
  const { referenceNo } = await bound(stage)
  const [wrong = ''] = wrongCodes(await codeOf(stage, referenceNo), 1)
  for (let time = 0; time < 4; time++)
    assert.equal((await verify(stage.merchant, referenceNo, wrong, urlOf(time))).body.responseCode, '4040415')
  assert.equal(asked.filter((one) => one.referenceNo === referenceNo).length, 1)
})

test('the fifth wrong code ends it also where the network would go on', async () => {
  const lax = await stage.openAnother({ channels: watched(stage, true) })
  const { referenceNo } = await bound(stage)
  const told: string[] = []
  for (const code of ['410001', '410002', '410003', '410004', '410005', '410006'])
    told.push((await verify(stage.merchant, referenceNo, code, { baseUrl: lax.url })).body.responseCode)
  assert.deepEqual(told, ['4040415', '4040415', '4040415', '4040415', '4030411', '4030411'])
  assert.equal(asked.filter((one) => one.referenceNo === referenceNo).length, 5)
  assert.equal((await rowOf(stage, referenceNo)).state, 'blocked')
})

test('the right code twenty times at once keeps the card once', async () => {
  const { referenceNo } = await bound(stage)
  const code = await codeOf(stage, referenceNo)
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => verify(stage.merchant, referenceNo, code, urlOf(index))),
  )
  const told = answers.map(({ body }) => body.responseCode as string)
  assert.equal(told.filter((one) => one === '2000400').length, 1, told.join())
  assert.ok(
    told.every((one) => ['2000400', '4090400', '4000403'].includes(one)),
    told.join(),
  )
  assert.equal(asked.filter((one) => one.referenceNo === referenceNo).length, 1)
  assert.equal((await eventsOf(stage, referenceNo)).length, 1)
})

test('the right code among wrong ones: the card is kept at most once, and never after the fifth', async () => {
  for (let round = 0; round < 5; round++) {
    const { referenceNo } = await bound(stage)
    const right = await codeOf(stage, referenceNo)
    const told = await tryAll(referenceNo, [...wrongCodes(right, 7), right, right])
    const row = await rowOf(stage, referenceNo)
    const successes = told.filter((code) => code === '2000400').length
    assert.equal(successes, row.state === 'active' ? 1 : 0, told.join())
    assert.ok(row.state === 'active' || row.state === 'blocked', row.state)
    assert.ok(asked.filter((one) => one.referenceNo === referenceNo).length <= 5)
  }
})

test('one code is tried once by one request, however often it is sent at the same time', async () => {
  const { referenceNo } = await bound(stage)
  const code = await codeOf(stage, referenceNo)
  const more = { externalId: `SAME${referenceNo}` }
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      verify(stage.merchant, referenceNo, code, { ...more, ...urlOf(index) }),
    ),
  )
  const statuses = answers.map(({ status }) => status).sort()
  assert.deepEqual(statuses, [200, ...Array.from({ length: 9 }, () => 409)])
  const again = await verify(stage.merchant, referenceNo, code, { ...more, ...urlOf(0) })
  const first = answers.find(({ status }) => status === 200)
  assert.deepEqual([again.status, again.text], [409, first?.text])
})

test('whoever begins anew while the network thinks is bound, and the network is told of the other', async () => {
  const wish = { cardNumber: await newCard(stage), custIdMerchant: 'ANEW' }
  const answers = await Promise.all([0, 1, 2].map((index) => bind(stage.merchant, wish, urlOf(index))))
  const open = answers.filter(({ body }) => body.responseCode === '2000100')
  const rows = await stage.query<{ reference_no: string; state: string }>(
    "select reference_no, state::text from bindings where cust_id_merchant = 'ANEW'",
  )
  assert.equal(rows.filter(({ state }) => state === 'otp_sent').length, 1)
  assert.ok(open.length >= 1)
  for (const { reference_no, state } of rows)
    assert.equal(cancelled.includes(reference_no), state === 'cancelled', state)
})
