import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { assertBooksAgree, control, type Told, untilAllAreFinal } from './books.ts'
import { freePort, type Spawned, spawnGateway } from './spawned.ts'

const WORKERS = 2
const PAYMENTS = 200
const AT_ONCE = 25
const ROUNDS = 2

let stage: Stage
let gateway: Spawned
let env: Record<string, string>
before(async () => {
  // The stage's own gateway stays out of it: it neither serves nor reconciles.
  stage = await openStage({ env: { GERBANG_RECONCILE_EVERY_MS: '3600000' } })
  env = {
    ...stage.env,
    GERBANG_RECONCILE_EVERY_MS: '50',
    GERBANG_WORKERS: String(WORKERS),
    GERBANG_PORT: String(await freePort()),
    GERBANG_CLAIM_TIMEOUT_MS: '1000',
    GERBANG_NETWORK_TIMEOUT_MS: '700',
    GERBANG_NETWORK_EXPIRY_MS: '1500',
    GERBANG_SETTLE_TIMEOUT_MS: '1000',
    GERBANG_INQUIRY_TIMEOUT_MS: '500',
  }
  await stage.merchant.token()
})
after(async () => {
  await gateway?.stop()
  await stage.close()
})

/** Repeatable chance: the seed is in the title, so that a red run can be run again. */
function chance(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
}

interface Asked {
  readonly externalId: string
  readonly body: object
}

/** Asks once, and again with the same id when the connection breaks: what a merchant does. */
async function ask({ externalId, body }: Asked, until: number): Promise<Told | undefined> {
  while (Date.now() < until) {
    const answer: Answer | undefined = await stage.merchant
      .call(PAYMENT_PATH, body, { externalId, baseUrl: gateway.url })
      .catch(() => undefined)
    if (answer !== undefined) return { externalId, answer }
    await wait(100)
  }
  return undefined
}

/** A load that keeps `AT_ONCE` payments under way, until all were asked for. */
async function load(asked: readonly Asked[]): Promise<readonly Told[]> {
  const queue = [...asked]
  const told: Told[] = []
  const until = Date.now() + 20_000
  const client = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const one = await ask(next, until)
      if (one !== undefined) told.push(one)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  return told
}

function orders(pick: (below: number) => number): readonly Asked[] {
  const tokens = ['12345678', '12345678', '12345678', '22220005', '10000001', '40000001']
  return Array.from({ length: PAYMENTS }, () => ({
    externalId: newId(),
    body: aPayment({ otp: tokens[pick(tokens.length)] }),
  }))
}

for (let round = 0; round < ROUNDS; round++) {
  const seed = randomInt(2 ** 31)
  test(`killed workers, then a killed gateway, lose no payment and take none twice (seed ${seed})`, async () => {
    const pick = chance(seed)
    await control(stage, 'next', { fault: 'slow', delayMs: 150, times: PAYMENTS })
    gateway = await spawnGateway(env)
    const loading = load(orders(pick))
    await wait(200 + pick(300))
    gateway.killWorker(pick(WORKERS))
    await wait(200 + pick(500))
    await gateway.killAll()
    gateway = await spawnGateway(env)
    const told = await loading
    assert.equal(told.length, PAYMENTS, 'everybody is answered in the end')
    await untilAllAreFinal(stage)
    await assertBooksAgree(stage, told)
    const codes = new Set(told.map(({ answer }) => answer.body.responseCode))
    assert.ok(codes.has('2005400'))
    await gateway.stop()
  })
}

test('a worker that was killed is replaced', async () => {
  gateway = await spawnGateway(env)
  const before = gateway.workerPids()
  gateway.killWorker(0)
  const until = Date.now() + 10_000
  // One that was killed is still in the list until the leader has taken note of it.
  const isReplaced = () => {
    const pids = gateway.workerPids()
    return pids.length === WORKERS && pids.some((pid) => !before.includes(pid))
  }
  while (!isReplaced() && Date.now() < until) await wait(50)
  assert.ok(isReplaced())
  assert.equal((await stage.merchant.pay({}, { baseUrl: gateway.url })).status, 200)
  await gateway.stop()
})

test('a gateway that is asked to stop answers the payments that it has taken', async () => {
  gateway = await spawnGateway({ ...env, GERBANG_NETWORK_TIMEOUT_MS: '5000' })
  await control(stage, 'next', { fault: 'slow', delayMs: 400, times: 20 })
  const asked = Array.from({ length: 20 }, () => ({ externalId: newId(), body: aPayment() }))
  const paying = asked.map(({ externalId, body }) =>
    stage.merchant.call(PAYMENT_PATH, body, { externalId, baseUrl: gateway.url }),
  )
  const taken = () =>
    stage.query('select 1 from payments where external_id = any ($1)', [
      asked.map(({ externalId }) => externalId),
    ])
  for (const until = Date.now() + 10_000; (await taken()).length < asked.length; await wait(20))
    assert.ok(Date.now() < until)
  await gateway.stop()
  const answers = await Promise.all(paying)
  assert.deepEqual([...new Set(answers.map(({ body }) => body.responseCode))], ['2005400'])
  const told = answers.map((answer, index) => ({ externalId: asked[index]?.externalId ?? '', answer }))
  await untilAllAreFinal(stage)
  await assertBooksAgree(stage, told)
})
