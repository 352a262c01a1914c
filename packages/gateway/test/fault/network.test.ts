import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { assertBooksAgree, control, type Told, untilAllAreFinal, watchTransactions } from './books.ts'
import { openWire, type Wire } from './wire.ts'

/** Room for a busy machine: what is meant to be answered in time is, and what is late comes before the expiry. */
const NETWORK_TIMEOUT_MS = 700
const EXPIRY_MS = 2_000
const DEADLINE_MS = NETWORK_TIMEOUT_MS + 4_000

let stage: Stage
let wire: Wire
before(async () => {
  wire = await openWire()
  stage = await openStage({
    env: {
      GERBANG_NETWORK_URL: `http://127.0.0.1:${wire.port}`,
      GERBANG_NETWORK_TIMEOUT_MS: String(NETWORK_TIMEOUT_MS),
      GERBANG_NETWORK_EXPIRY_MS: String(EXPIRY_MS),
      GERBANG_INQUIRY_TIMEOUT_MS: String(NETWORK_TIMEOUT_MS),
    },
  })
  wire.leadTo(stage.simulator.port)
  // A second gateway reconciles the same payments all the while.
  await stage.openAnother()
  await stage.merchant.token()
})
beforeEach(() => wire.leadTo(stage.simulator.port))
after(async () => {
  await stage.close()
  await wire.close()
})

interface Paid extends Told {
  readonly body: ReturnType<typeof aPayment>
  readonly ms: number
}

async function pay(changes: object = {}): Promise<Paid> {
  const body = { ...aPayment(), ...changes }
  const externalId = newId()
  const since = performance.now()
  const answer: Answer = await stage.merchant.call(PAYMENT_PATH, body, { externalId })
  const ms = performance.now() - since
  assert.ok(ms < DEADLINE_MS, `${ms} ms`)
  return { externalId, answer, body, ms }
}

async function stateOf({ externalId }: Told): Promise<string | undefined> {
  const [row] = await stage.query<{ state: string }>('select state from payments where external_id = $1', [
    externalId,
  ])
  return row?.state
}

async function assertEnds(told: Paid, code: string, end: string): Promise<void> {
  assert.equal(told.answer.body.responseCode, code)
  await untilAllAreFinal(stage)
  assert.equal(await stateOf(told), end)
  await assertBooksAgree(stage, [told])
}

/** What the network does to one charge, what the merchant is told at once, and how the payment ends. */
const FAULTS: readonly (readonly [fault: object, code: string, end: string])[] = [
  [{ fault: 'drop-before' }, '2025400', 'reversed'],
  [{ fault: 'reset' }, '2025400', 'reversed'],
  [{ fault: 'drop-after' }, '2025400', 'paid'],
  [{ fault: 'garbage' }, '2025400', 'paid'],
  [{ fault: 'empty' }, '2025400', 'paid'],
  [{ fault: 'duplicate' }, '2005400', 'paid'],
  [{ fault: 'late', delayMs: 1_500 }, '2025400', 'paid'],
  [{ fault: 'slow', delayMs: 100 }, '2005400', 'paid'],
  [{ fault: 'slow', delayMs: 1_300 }, '2025400', 'paid'],
  [{ fault: 'slow', delayMs: EXPIRY_MS + 300 }, '2025400', 'reversed'],
]

for (const [fault, code, end] of FAULTS) {
  test(`a charge that meets ${JSON.stringify(fault)} is answered ${code} and ends ${end}`, async () => {
    const body = aPayment()
    await control(stage, 'next', { ...fault, match: { merchantReferenceNo: body.partnerReferenceNo } })
    const told = await pay(body)
    await assertEnds(told, code, end)
    const again = await pay(body)
    assert.equal(again.answer.body.responseCode, end === 'paid' ? '4095401' : '2005400')
    assert.equal((await pay()).answer.body.responseCode, '2005400', 'the next payment passes')
  })
}

test('a network that refuses connections is a clear no: nothing was sent, and the order is free again', async () => {
  await wire.unplug()
  const told = await pay()
  assert.equal(told.answer.body.responseCode, '5005402')
  assert.equal(await stateOf(told), 'declined')
  await wire.plug()
  assert.equal((await pay(told.body)).answer.body.responseCode, '2005400')
  await assertBooksAgree(stage, [told])
})

test('silence is answered in time with "in progress", and the truth is found when the network is back', async () => {
  await wire.unplug()
  await wire.plug()
  wire.freeze()
  const told = await Promise.all(Array.from({ length: 20 }, () => pay()))
  assert.deepEqual([...new Set(told.map(({ answer }) => answer.body.responseCode))], ['2025400'])
  await wait(EXPIRY_MS)
  assert.notEqual(await stateOf(told[0] as Paid), 'reversed', 'silence is no reason to reverse')
  wire.thaw()
  await untilAllAreFinal(stage)
  await assertBooksAgree(stage, told)
  assert.equal((await pay()).answer.body.responseCode, '2005400')
})

for (const mode of ['down', 'hang']) {
  test(`payments survive an outage of the kind "${mode}"`, async () => {
    const paying = Array.from({ length: 10 }, () => pay({ otp: '40000001' }))
    await wait(100)
    await control(stage, 'outage', { mode })
    const during = await Promise.all(Array.from({ length: 10 }, () => pay()))
    for (const { answer } of during) assert.match(answer.body.responseCode, /^(2025400|5005402)$/)
    await control(stage, 'outage', { mode: 'up' })
    const told = [...(await Promise.all(paying)), ...during]
    await untilAllAreFinal(stage)
    await assertBooksAgree(stage, told)
    assert.equal((await pay()).answer.body.responseCode, '2005400')
  })
}

test('a charge that the network does not know is not reversed before it has expired, and then frees its order', async () => {
  const body = aPayment()
  await control(stage, 'next', {
    fault: 'drop-before',
    match: { merchantReferenceNo: body.partnerReferenceNo },
  })
  const since = Date.now()
  const told = await pay(body)
  while ((await stateOf(told)) !== 'reversed') {
    assert.ok(Date.now() - since < 10_000)
    await wait(20)
  }
  assert.ok(Date.now() - since >= EXPIRY_MS, 'not before the expiry')
  const [row] = await stage.query<{ inquiries: number }>(
    'select inquiries from payments where external_id = $1',
    [told.externalId],
  )
  assert.ok((row?.inquiries ?? 0) > 1, 'it was asked before, and not believed')
  assert.equal((await pay(body)).answer.body.responseCode, '2005400')
})

/** A proxy that answers for a network which is not there. */
const NOT_ITS_WORD: Readonly<Record<string, (referenceNo: string) => string>> = {
  'an HTML page': () => '<html>404 Not Found</html>',
  'no body': () => '',
  'a path that is not there': () => '{"resultCode":"X40500"}',
  'another reference': () => `{"referenceNo":"${'0'.repeat(32)}","resultCode":"25"}`,
  'a reference without a result code': (referenceNo) => JSON.stringify({ referenceNo }),
}

test('a 404 that is not the word of the network never reverses, whatever stands in it', async () => {
  const kinds = Object.entries(NOT_ITS_WORD)
  const asked = new Set<string>()
  const proxy = createServer((request, response) => {
    const referenceNo = String(request.url?.split('/').at(-1))
    asked.add(referenceNo)
    const [, text] = kinds[asked.size % kinds.length] ?? []
    response.writeHead(404).end(text?.(referenceNo))
  }).listen(0, '127.0.0.1')
  const bodies = kinds.map(() => aPayment())
  const matches = bodies.map(({ partnerReferenceNo }) => ({ merchantReferenceNo: partnerReferenceNo }))
  await Promise.all(matches.map((match) => control(stage, 'next', { fault: 'late', match })))
  const before = stage.simulator.size()
  const paying = bodies.map((body) => pay(body))
  while (stage.simulator.size() < before + kinds.length) await wait(2)
  wire.leadTo((proxy.address() as AddressInfo).port)
  wire.cut()
  const told = await Promise.all(paying)
  await wait(EXPIRY_MS + 500)
  assert.equal(asked.size, kinds.length, 'the proxy was asked about every charge')
  for (const one of told) assert.equal(await stateOf(one), 'unresolved')
  wire.leadTo(stage.simulator.port)
  wire.cut()
  proxy.close()
  proxy.closeAllConnections()
  for (const one of told) await assertEnds(one, '2025400', 'paid')
})

test('an answer that races the reconcilers of two gateways is booked once', async () => {
  const bodies = Array.from({ length: 40 }, (_, index) => ({ ...aPayment(), index }))
  // Answers fall between just before the deadline and well after the first inquiry.
  await Promise.all(
    bodies.map(({ partnerReferenceNo, index }) =>
      control(stage, 'next', {
        fault: 'late',
        delayMs: NETWORK_TIMEOUT_MS - 60 + index * 4,
        match: { merchantReferenceNo: partnerReferenceNo },
      }),
    ),
  )
  const told = await Promise.all(bodies.map((body) => pay(body)))
  for (const { answer } of told) assert.match(answer.body.responseCode, /^20[02]5400$/)
  await untilAllAreFinal(stage)
  await assertBooksAgree(stage, told)
})

test('no transaction is open while the network thinks', async () => {
  const patience = { GERBANG_NETWORK_TIMEOUT_MS: '5000', GERBANG_NETWORK_EXPIRY_MS: '6000' }
  const { url: baseUrl } = await stage.openAnother({}, patience)
  const stopWatching = watchTransactions(stage)
  await control(stage, 'next', { fault: 'slow', delayMs: 1_500, times: 60 })
  const told = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const externalId = newId()
      const answer = await stage.merchant.call(PAYMENT_PATH, aPayment(), { externalId, baseUrl })
      return { externalId, answer }
    }),
  )
  assert.equal(await stopWatching(), 0)
  await untilAllAreFinal(stage)
  await assertBooksAgree(stage, told)
})
