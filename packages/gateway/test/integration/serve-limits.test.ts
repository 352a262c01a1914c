import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { after, before, test } from 'node:test'
import { askAdmin, newKey } from '../admin.ts'
import { freePort, type Spawned, spawnGateway } from '../fault/spawned.ts'
import type { Answer, Merchant } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

const key = newKey()
let stage: Stage
let gateway: Spawned
let adminUrl: string
before(async () => {
  stage = await openStage()
  const adminPort = String(await freePort())
  adminUrl = `http://127.0.0.1:${adminPort}`
  gateway = await spawnGateway({
    ...stage.env,
    GERBANG_WORKERS: '2',
    GERBANG_PARTNER_KEEP_MS: '1',
    GERBANG_ADMIN_KEYS: `ops:${key}`,
    GERBANG_ADMIN_PORT: adminPort,
  })
})
after(async () => {
  await gateway.stop()
  await stage.close()
})

type Shown = Readonly<Record<string, string>>

function statusOf(agent: Agent, headers: Shown): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(`${adminUrl}/admin/v1/partners`, { agent, headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode))
    }).on('error', reject)
  })
}

/** Somebody who guesses; how many guesses were answered. */
async function guesses(agent: Agent, address: string, count: number): Promise<number> {
  const statuses = await Promise.all(
    Array.from({ length: count }, () =>
      statusOf(agent, { authorization: `Bearer ${newKey()}`, 'x-forwarded-for': address }),
    ),
  )
  assert.deepEqual([...new Set(statuses)].sort(), [401, 429])
  return statuses.filter((status) => status === 401).length
}

test('two workers together let nobody try more keys than one does', async () => {
  const begun = performance.now()
  const told = await guesses(new Agent({ keepAlive: false }), '198.51.100.1', 60)
  const most = 11 + ((performance.now() - begun) / 1000) * 0.2
  assert.ok(told >= 10 && told <= most, `${told} of at most ${most}`)
  assert.equal((await askAdmin(adminUrl, 'GET /partners', { key })).status, 200)
})

const limited = async (limits: object) => {
  const merchant = await stage.addMerchant()
  await merchant.token()
  const body = { requestsPerSecond: null, burst: null, tokensPerSecond: null, ...limits }
  const answer = await askAdmin(adminUrl, `PUT /partners/${merchant.keys.partnerId}/limits`, { key, body })
  assert.equal(answer.status, 200, answer.text)
  await new Promise((resolve) => setTimeout(resolve, 20))
  return merchant
}
const ask = (merchant: Merchant) =>
  merchant.status({ originalPartnerReferenceNo: 'INV-X' }, { baseUrl: gateway.url })
const passedOf = (answers: readonly Answer[]) => answers.filter(({ status }) => status !== 429).length

test('two workers together let a partner do what it may, over many connections', async () => {
  const merchant = await limited({ requestsPerSecond: 1, burst: 10 })
  const begun = performance.now()
  const answers = await Promise.all(Array.from({ length: 60 }, () => ask(merchant)))
  const most = 12 + (performance.now() - begun) / 1000
  assert.ok(
    passedOf(answers) >= 10 && passedOf(answers) <= most,
    `${passedOf(answers)} of at most ${most} passed`,
  )
  assert.ok(answers.every(({ status, headers }) => status !== 429 || Number(headers['retry-after']) >= 1))
})

test('over one connection, which leads to one worker, a partner gets all that it may have', async () => {
  const merchant = await limited({ requestsPerSecond: 1, burst: 10 })
  const answers: Answer[] = []
  for (let n = 0; n < 10; n++) answers.push(await ask(merchant))
  assert.equal(passedOf(answers), 10)
})

test('while the leading process does not answer, keys are still counted in each worker, and right ones are good', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const right = { authorization: `Bearer ${key}` }
  // It also takes the connections, so they have to be there before.
  await Promise.all(Array.from({ length: 8 }, () => statusOf(agent, right)))
  process.kill(gateway.pid, 'SIGSTOP')
  try {
    const told = await guesses(agent, '198.51.100.2', 80)
    assert.ok(told >= 10 && told <= 24, `${told} of at most ten a worker, and what came in since`)
    assert.equal(await statusOf(agent, right), 200)
  } finally {
    process.kill(gateway.pid, 'SIGCONT')
    agent.destroy()
  }
})

test('a leading process that does not answer keeps no partner from paying', async () => {
  const merchant = await limited({ requestsPerSecond: 1000 })
  process.kill(gateway.pid, 'SIGSTOP')
  const answer = await ask(merchant).finally(() => process.kill(gateway.pid, 'SIGCONT'))
  assert.equal(answer.status, 404)
})
