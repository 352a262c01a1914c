import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort, type Spawned, spawnGateway } from '../fault/spawned.ts'
import { type Answer, aPayment, newId, PAYMENT_PATH, send } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

const WORKERS = 2

let stage: Stage
let gateway: Spawned
before(async () => {
  stage = await openStage()
  await stage.merchant.token()
})
after(() => stage.close())
beforeEach(async () => {
  const port = String(await freePort())
  gateway = await spawnGateway({ ...stage.env, GERBANG_WORKERS: String(WORKERS), GERBANG_PORT: port })
})
afterEach(() => gateway.stop())

const scrape = () => send(gateway.url, 'GET /metrics', {}, '')
const pay = (externalId = newId(), body = aPayment()): Promise<Answer> =>
  stage.merchant.call(PAYMENT_PATH, body, { externalId, baseUrl: gateway.url })
/** A merchant's patience: a connection that is handed to a worker at its very end is answered by nobody. */
const patiently = <Result>(work: () => Promise<Result>): Promise<Result | undefined> =>
  Promise.race([work(), wait(2_000, undefined, { ref: false })]).catch(() => wait(50, undefined))
const many = <Result>(count: number, work: () => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, work))

function paidIn({ text }: Answer): number {
  return Number(/^gerbang_payments_total\{state="paid"\} (\d+)$/m.exec(text)?.[1] ?? 0)
}

test('the figures of both processes are added up, whichever of them is asked', async () => {
  const paid = await many(20, () => pay())
  assert.deepEqual([...new Set(paid.map(({ status }) => status))], [200])
  for (const answer of await many(10, scrape)) assert.equal(paidIn(answer), 20)
})

test('forty scrapes at once are all answered, and no process complains', async () => {
  const answers = await many(40, scrape)
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
  assert.doesNotMatch(gateway.printed.join(''), /warning/i)
})

test('a scrape that the leading process leaves unanswered fails in time, and the next one is answered', async () => {
  await scrape()
  process.kill(gateway.pid, 'SIGSTOP')
  const begun = performance.now()
  const { status } = await scrape().finally(() => process.kill(gateway.pid, 'SIGCONT'))
  assert.equal(status, 500)
  assert.ok(performance.now() - begun < 9_500)
  assert.equal((await scrape()).status, 200)
})

test('workers that are killed again and again while they are scraped are replaced, and payments go on', async () => {
  let isOver = false
  const load = async (work: () => Promise<Answer>) => {
    while (!isOver) await patiently(work)
  }
  const paid: string[] = []
  const payAndRemember = async () => {
    const answer = await pay()
    paid.push(answer.body.responseCode)
    return answer
  }
  const loads = [...Array.from({ length: 4 }, () => load(payAndRemember)), load(scrape), load(scrape)]
  for (let kills = 0; kills < 6; kills++) {
    await wait(400)
    gateway.killWorker(kills)
  }
  const before = paid.length
  const until = Date.now() + 10_000
  while (paid.length < before + 20 && Date.now() < until) await wait(50)
  isOver = true
  await Promise.all(loads)
  assert.ok(paid.length >= before + 20, 'payments after the last kill')
  assert.deepEqual([...new Set(paid)], ['2005400'])
  while (gateway.workerPids().length < WORKERS && Date.now() < until) await wait(50)
  assert.equal(gateway.workerPids().length, WORKERS)
})

test('workers that died before the leading process could know of it do not take it along', async () => {
  await scrape()
  process.kill(gateway.pid, 'SIGSTOP')
  const scraped = patiently(scrape)
  await wait(200)
  for (let worker = 0; worker < WORKERS; worker++) gateway.killWorker(worker)
  process.kill(gateway.pid, 'SIGCONT')
  await scraped
  const until = Date.now() + 10_000
  let answer: Answer | undefined
  while (answer === undefined && Date.now() < until) answer = await patiently(() => pay())
  assert.equal(answer?.status, 200, gateway.printed.slice(-3).join(''))
})

test('a gateway that is asked to stop ends all its processes and lets go of its port', async () => {
  const pids = [gateway.pid, ...gateway.workerPids()]
  assert.equal(pids.length, 1 + WORKERS)
  await gateway.stop()
  for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  const { hostname, port } = new URL(gateway.url)
  const refused = await new Promise<string | undefined>((resolve) => {
    const socket = connect(Number(port), hostname, () => resolve(undefined))
    socket.once('error', (error: Error & { code?: string }) => resolve(error.code))
  })
  assert.equal(refused, 'ECONNREFUSED')
})
