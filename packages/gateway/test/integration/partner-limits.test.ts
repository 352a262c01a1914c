import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type AdminStage, openAdminStage } from '../admin.ts'
import { aBinding, BIND_PATH, H2H, newCard } from '../card-customer.ts'
import { type Answer, type Merchant, newId } from '../merchant.ts'
import { aRefund, refund } from '../refunding.ts'

let stage: AdminStage
before(async () => {
  stage = await openAdminStage({ env: { GERBANG_CHANNELS: 'kki,dana' } })
})
after(() => stage.close())

const USUAL = { requestsPerSecond: null, burst: null, tokensPerSecond: null }
const limit = async ({ keys }: Merchant, limits: object) => {
  const answer = await stage.ask(`PUT /partners/${keys.partnerId}/limits`, { body: { ...USUAL, ...limits } })
  assert.equal(answer.status, 200, answer.text)
  await new Promise((resolve) => setTimeout(resolve, 20))
}
const turn = async ({ keys }: Merchant, isOn: boolean) => {
  const channel = 'KARTU_KREDIT_INDONESIA_SNAP'
  const answer = await stage.ask(`PUT /partners/${keys.partnerId}/channels/${channel}`, { body: { isOn } })
  assert.equal(answer.body.channels[channel], isOn, answer.text)
  await new Promise((resolve) => setTimeout(resolve, 20))
}
const many = (count: number, ask: () => Promise<Answer>) => Promise.all(Array.from({ length: count }, ask))
const countOf = (answers: readonly Answer[], status: number) =>
  answers.filter((answer) => answer.status === status).length
const paymentsOf = async ({ keys }: Merchant) =>
  (await stage.query('select 1 from payments where partner_id = $1', [keys.partnerId])).length

test('a partner that asks too often is told when to come again, and nothing is used up', async () => {
  const merchant = await stage.addMerchant()
  await merchant.token()
  await limit(merchant, { requestsPerSecond: 1, burst: 3 })
  const begun = performance.now()
  const asked = Array.from({ length: 12 }, newId)
  const answers = await Promise.all(asked.map((externalId) => merchant.pay({}, { externalId })))
  const paid = countOf(answers, 200)
  const most = 3 + (performance.now() - begun) / 1000
  assert.ok(paid >= 3 && paid <= most, `${paid} of at most ${most} were paid`)
  const which = answers.findIndex(({ status }) => status === 429)
  const [externalId, refused] = [asked[which] ?? '', answers[which]]
  assert.deepEqual(refused?.body, { responseCode: '4295400', responseMessage: 'Too Many Requests' })
  assert.equal(refused?.headers['retry-after'], '1')
  assert.equal(await paymentsOf(merchant), paid)
  const used = await stage.query('select 1 from request_ids where external_id = $1', [externalId])
  assert.equal(used.length, 0)
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  assert.equal((await merchant.pay({}, { externalId })).status, 200, 'the same request, a second later')
})

test('a refusal is on the log line and in the metrics', async () => {
  const merchant = await stage.addMerchant()
  await merchant.token()
  await limit(merchant, { requestsPerSecond: 1, burst: 1 })
  await many(12, () => merchant.pay())
  const lines = stage.logged.map((line) => JSON.parse(line))
  const line = lines.find(({ partner, status }) => partner === merchant.keys.partnerId && status === 429)
  assert.deepEqual(
    [line?.cause, line?.operation, line?.responseCode],
    ['rate limit', 'payment-host-to-host', '4295400'],
  )
  const metrics = await fetch(`${stage.url}/metrics`).then((response) => response.text())
  assert.match(metrics, /^gerbang_rate_limited_total\{kind="transaction"\} [1-9]/m)
})

test('one partner’s limit is no other’s, and tokens are counted apart', async () => {
  const [eager, calm] = [await stage.addMerchant(), await stage.addMerchant()]
  await Promise.all([eager.token(), calm.token()])
  await limit(eager, { requestsPerSecond: 1, burst: 1 })
  assert.ok(countOf(await many(12, () => eager.pay()), 429) >= 1)
  assert.ok(countOf(await many(12, () => calm.pay()), 200) === 12)
  assert.equal((await eager.askToken()).status, 200)
  await limit(eager, { tokensPerSecond: 1 })
  const tokens = await many(6, () => eager.askToken())
  assert.ok(countOf(tokens, 200) >= 2 && countOf(tokens, 429) >= 1)
  const refused = tokens.find(({ status }) => status === 429)
  assert.equal(refused?.body.responseCode, '4297300')
  assert.equal(refused?.headers['retry-after'], '1')
})

test('what a stranger sends in a partner’s name does not count against it', async () => {
  const merchant = await stage.addMerchant()
  await merchant.token()
  await limit(merchant, { requestsPerSecond: 1, burst: 2 })
  const forged = await many(10, () => merchant.pay({}, { headers: { 'X-SIGNATURE': 'A'.repeat(86) + '==' } }))
  assert.equal(countOf(forged, 401), 10)
  assert.equal((await merchant.pay()).status, 200)
})

test('two processes that lend from the same buckets let no more through than one', async () => {
  const merchant = await stage.addMerchant()
  await merchant.token()
  await limit(merchant, { requestsPerSecond: 2, burst: 6 })
  const { openBuckets } = await import('../../src/rate-limit/bucket.ts')
  const lend = openBuckets(() => performance.now())
  const urls = await Promise.all(
    [1, 2].map(async () => (await stage.openAnother({ lend: async (wish) => lend(wish) })).url),
  )
  const begun = performance.now()
  const answers = await Promise.all(
    urls.map((baseUrl) => many(20, () => merchant.status({ originalPartnerReferenceNo: 'X' }, { baseUrl }))),
  )
  const passed = answers.flat().filter(({ status }) => status !== 429).length
  const most = 8 + ((performance.now() - begun) / 1000) * 2
  assert.ok(passed >= 6 && passed <= most, `${passed} of at most ${most} passed`)
})

test('a partner without limits of its own has those of the settings', async () => {
  const merchant = await stage.addMerchant()
  const { url: baseUrl } = await stage.openAnother({}, { GERBANG_PARTNER_REQUESTS_PER_SECOND: '1' })
  await merchant.token()
  const answers = await many(12, () => merchant.pay({}, { baseUrl }))
  assert.ok(countOf(answers, 200) >= 2 && countOf(answers, 429) >= 1)
  await limit(merchant, { requestsPerSecond: 0 })
  assert.equal(countOf(await many(6, () => merchant.pay({}, { baseUrl })), 200), 6)
})

test('a channel that is off is refused before anything is claimed, and what was done through it comes to its end', async () => {
  const merchant = await stage.addMerchant()
  const paid = await merchant.pay({ partnerReferenceNo: 'INV-before' })
  assert.equal(paid.status, 200)
  const binding = aBinding(merchant, { cardNumber: await newCard(stage) })
  await turn(merchant, false)

  const refused = await merchant.pay({ partnerReferenceNo: 'INV-while' })
  assert.equal(refused.status, 403)
  assert.deepEqual(refused.body, {
    responseCode: '4035401',
    responseMessage: 'Feature Not Allowed Channel is off',
  })
  const unnamed = await merchant.pay({ additionalInfo: undefined as never })
  assert.equal(unnamed.body.responseCode, '4035401', 'the channel of its card number')
  const alias = await merchant.pay({ additionalInfo: { channel: 'kki_snap' } })
  assert.equal(alias.body.responseCode, '4035401')
  assert.equal((await merchant.call(BIND_PATH, binding, { headers: H2H })).body.responseCode, '4030101')
  assert.equal(await paymentsOf(merchant), 1)

  const status = await merchant.status({ originalPartnerReferenceNo: 'INV-before' })
  assert.equal(status.body.latestTransactionStatus, '00')
  const back = await refund(merchant, aRefund('INV-before'))
  assert.equal(back.status, 200, back.text)
  await turn(merchant, true)
  assert.equal((await merchant.pay()).status, 200)
})

test('a payment that was made is not denied when it is repeated while the channel is off', async () => {
  const merchant = await stage.addMerchant()
  const externalId = newId()
  const partnerReferenceNo = `INV-${externalId}`
  assert.equal((await merchant.pay({ partnerReferenceNo }, { externalId })).status, 200)
  await turn(merchant, false)
  const again = await merchant.pay({ partnerReferenceNo }, { externalId })
  assert.equal(again.body.responseCode, '4095400', 'a refusal would say that no money moved')
})

test('one channel that is off leaves the others on', async () => {
  const merchant = await stage.addMerchant()
  const wallet = {
    chargeToken: undefined,
    otp: undefined,
    additionalInfo: { channel: 'EMONEY_DANA_SNAP' },
  } as never
  const path = `/partners/${merchant.keys.partnerId}/channels/emoney_dana_snap`
  assert.equal(
    (await stage.ask(`PUT ${path}`, { body: { isOn: false } })).body.channels.EMONEY_DANA_SNAP,
    false,
  )
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal((await merchant.pay(wallet)).body.responseCode, '4035401')
  assert.equal((await merchant.pay()).body.responseCode, '2005400')
})
