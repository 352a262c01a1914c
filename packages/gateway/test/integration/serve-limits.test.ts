import assert from 'node:assert/strict'
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

test('a leading process that does not answer keeps no partner from paying', async () => {
  const merchant = await limited({ requestsPerSecond: 1000 })
  process.kill(gateway.pid, 'SIGSTOP')
  const answer = await ask(merchant).finally(() => process.kill(gateway.pid, 'SIGCONT'))
  assert.equal(answer.status, 404)
})
