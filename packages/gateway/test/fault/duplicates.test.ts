import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { assertBooksAgree, readBook, type Told, watchTransactions } from './books.ts'

let stage: Stage
let urls: readonly string[]
before(async () => {
  stage = await openStage()
  urls = [stage.url, (await stage.openAnother()).url]
  await stage.merchant.token()
})
after(() => stage.close())

type Body = ReturnType<typeof aPayment>

/** Sends requests all at once, by turns to the two gateways. */
function race(requests: readonly { externalId: string; body: Body }[]): Promise<readonly Told[]> {
  return Promise.all(
    requests.map(async ({ externalId, body }, index) => {
      const baseUrl = urls[index % urls.length] ?? stage.url
      return { externalId, answer: await stage.merchant.call(PAYMENT_PATH, body, { externalId, baseUrl }) }
    }),
  )
}

function codes(told: readonly Told[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { answer } of told) {
    const key = `${answer.status} ${answer.body.responseCode}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

function winners(told: readonly Told[]): readonly Answer[] {
  return told.map(({ answer }) => answer).filter(({ status }) => status === 200)
}

/** One 200, and for everybody else that same reply with HTTP 409, or a conflict while it was still running. */
function assertOneWinner(told: readonly Told[]): void {
  const [winner, ...more] = winners(told)
  assert.equal(more.length, 0, JSON.stringify(codes(told)))
  assert.equal(winner?.body.responseCode, '2005400', JSON.stringify(codes(told)))
  for (const { answer } of told) {
    if (answer === winner) continue
    assert.equal(answer.status, 409)
    if (answer.body.responseCode !== '4095400') assert.equal(answer.text, winner?.text)
  }
}

/** One 200; the others are duplicates, or in conflict when the winner's commit took too long to wait for. */
function assertOneOrder(told: readonly Told[]): void {
  const { '200 2005400': won, '409 4095401': duplicates = 0, '409 4095400': conflicts = 0 } = codes(told)
  assert.deepEqual([won, duplicates + conflicts], [1, told.length - 1], JSON.stringify(codes(told)))
  assert.ok(duplicates > 0)
}

async function chargesOf(partnerReferenceNo: string): Promise<number> {
  const lines = await readBook(stage)
  return lines.filter(({ merchantReferenceNo }) => merchantReferenceNo === partnerReferenceNo).length
}

test('two hundred identical requests at once, at two gateways, charge once', async () => {
  const externalId = newId()
  const body = aPayment()
  const told = await race(Array.from({ length: 200 }, () => ({ externalId, body })))
  assertOneWinner(told)
  assert.equal(await chargesOf(body.partnerReferenceNo), 1)
  const [late] = await race([{ externalId, body }])
  assert.equal(late?.answer.status, 409)
  assert.equal(late.answer.text, winners(told)[0]?.text)
  await assertBooksAgree(stage, told)
})

test('fifty requests, each sent twenty times, are fifty charges', async () => {
  const before = (await readBook(stage)).length
  const requests = Array.from({ length: 50 }, () => ({ externalId: newId(), body: aPayment() }))
  const stopWatching = watchTransactions(stage)
  const told = await race(Array.from({ length: 20 }, () => requests).flat())
  assert.equal(await stopWatching(), 0, 'no transaction was left open')
  for (const { externalId } of requests) assertOneWinner(told.filter((one) => one.externalId === externalId))
  assert.equal((await readBook(stage)).length - before, 50)
  await assertBooksAgree(stage, told)
})

test('of different bodies under one external id only the first is charged', async () => {
  const externalId = newId()
  const requests = Array.from({ length: 40 }, () => ({ externalId, body: aPayment() }))
  const told = await race(requests)
  assert.deepEqual(codes(told), { '200 2005400': 1, '409 4095400': 39 })
  const charges = await Promise.all(requests.map(({ body }) => chargesOf(body.partnerReferenceNo)))
  assert.equal(
    charges.reduce((sum, count) => sum + count),
    1,
  )
  await assertBooksAgree(stage, told)
})

test('of different external ids for one order only the first is charged, and the others are told that it is a duplicate', async () => {
  const body = aPayment()
  const told = await race(Array.from({ length: 40 }, () => ({ externalId: newId(), body })))
  assertOneOrder(told)
  assert.equal(await chargesOf(body.partnerReferenceNo), 1)
  await assertBooksAgree(stage, told)
})

test('one order with two amounts at once is charged with one of them', async () => {
  const body = aPayment()
  const dearer = { ...body, amount: { value: '20000.00', currency: 'IDR' } }
  const told = await race(
    Array.from({ length: 40 }, (_, index) => ({
      externalId: newId(),
      body: index % 3 === 0 ? dearer : body,
    })),
  )
  const { '200 2005400': won, '409 4095401': same, '404 4045418': other } = codes(told)
  assert.equal(won, 1)
  assert.equal((same ?? 0) + (other ?? 0), 39)
  assert.equal(await chargesOf(body.partnerReferenceNo), 1)
  await assertBooksAgree(stage, told)
})

test('external ids and orders that cross each other neither deadlock nor stall', async () => {
  const before = (await readBook(stage)).length
  const knots = Array.from({ length: 30 }, () => {
    const [x1, x2] = [newId(), newId()]
    const [a, b] = [aPayment(), aPayment()]
    return [
      { externalId: x1, body: a },
      { externalId: x2, body: b },
      { externalId: x2, body: a },
      { externalId: x1, body: b },
    ]
  })
  const since = performance.now()
  const told = await race(knots.flat())
  const tookMs = performance.now() - since
  assert.ok(tookMs < 10_000, `${tookMs} ms`)
  for (const { answer } of told) assert.match(answer.body.responseCode, /^(2005400|4095400|4095401)$/)
  const booked = (await readBook(stage)).length - before
  // Each knot has room for one payment or two, as its four requests fall.
  assert.ok(booked >= 30 && booked <= 60, `${booked} charges`)
  assert.equal(winners(told).length, booked)
  await assertBooksAgree(stage, told)
})

test('an order that was declined can be tried again, and of twenty tries at once one is charged', async () => {
  const body = aPayment({ otp: '22220005' })
  const first = { externalId: newId(), answer: await stage.merchant.call(PAYMENT_PATH, body, {}) }
  assert.equal(first.answer.body.responseCode, '4035414')
  const again = { ...body, otp: '12345678' }
  const told = await race(Array.from({ length: 20 }, () => ({ externalId: newId(), body: again })))
  assertOneOrder(told)
  await assertBooksAgree(stage, told)
})

test('orders that are declined again and again while they are tried are never told to be inconsistent', async () => {
  const body = aPayment({ otp: '22220005' })
  const told: Told[] = []
  for (let round = 0; round < 15; round++)
    told.push(...(await race(Array.from({ length: 10 }, () => ({ externalId: newId(), body })))))
  for (const key of Object.keys(codes(told))) assert.match(key, /^(403 4035414|409 4095401|409 4095400)$/)
  await assertBooksAgree(stage, told)
})
