import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'
import { NOTIFY_PATH, TOKEN_PATH } from '../partner-sink.ts'

const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
let stage: NotifiedStage
before(async () => {
  stage = await openNotifiedStage()
})
after(() => stage.close())

async function openTold(mode: 'symmetric' | 'asymmetric' = 'symmetric') {
  const merchant = await stage.addMerchant()
  const sink = await stage.openSinkFor(merchant)
  await stage.subscribe(merchant, sink, {
    urls: [
      { purpose: 'notification', url: `${sink.url}${NOTIFY_PATH}?from=gerbang` },
      ...(mode === 'symmetric' ? [{ purpose: 'token' as const, url: `${sink.url}${TOKEN_PATH}` }] : []),
    ],
  })
  return { merchant, sink }
}

test('a paid payment is told with the partner’s token and a signature over the bytes that are sent', async () => {
  const { merchant, sink } = await openTold()
  const externalId = newId()
  const body = aPayment()
  const paid = await merchant.call(PAYMENT_PATH, body, { externalId })
  const [told] = await sink.untilTold(1)
  assert.equal(told?.proof, 'symmetric')
  assert.equal(told?.path, `${NOTIFY_PATH}?from=gerbang`)
  assert.equal(
    told?.text,
    `{"originalPartnerReferenceNo":"${body.partnerReferenceNo}","originalReferenceNo":"${paid.body.referenceNo}",` +
      `"originalExternalId":"${externalId}","latestTransactionStatus":"00","transactionStatusDesc":"Success",` +
      `"amount":{"value":"10000.00","currency":"IDR"},"additionalInfo":{"channelId":"${CHANNEL}","channel":"${CHANNEL}",` +
      `"acquirerId":"KKI","accountType":"DIRECT_DEBIT","paymentType":"SALE"}}`,
  )
  assert.equal(told?.headers['x-partner-id'], merchant.keys.partnerId)
  assert.match(told?.headers['x-external-id'] ?? '', /^\d{21}$/)
  assert.match(told?.headers['x-timestamp'] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00$/)
  assert.equal(told?.headers['content-type'], 'application/json')
  const [asked] = sink.tokenRequests
  assert.equal(asked?.proof, 'asymmetric')
  assert.equal(asked?.text, '{"grantType":"client_credentials","additionalInfo":{}}')
})

test('a declined payment is told as failed, a reversed one as cancelled, and one that waits not before its end', async () => {
  const { merchant, sink } = await openTold()
  const endings = { '22220005': '06', '50000001': '05', '10000001': '00' }
  for (const otp of Object.keys(endings)) await merchant.pay({ otp })
  const told = await sink.untilTold(3)
  assert.deepEqual(told.map(({ body }) => body.latestTransactionStatus).sort(), ['00', '05', '06'])
  await stage.untilThere(merchant, 3, 'delivered')
})

test('without a token URL the gateway signs with its own key and sends no Authorization', async () => {
  const { merchant, sink } = await openTold('asymmetric')
  await merchant.pay()
  const [told] = await sink.untilTold(1)
  assert.equal(told?.proof, 'asymmetric')
  assert.equal(told?.headers.authorization, undefined)
  assert.equal(sink.tokenRequests.length, 0)
})

test('what is signed with the key that all partners trust says in its body for whom it is', async () => {
  const { merchant, sink } = await openTold('asymmetric')
  await merchant.pay()
  const [told] = await sink.untilTold(1)
  assert.equal(told?.body.additionalInfo.partnerId, merchant.keys.partnerId)
})

test('a partner who wants it is told with the gateway’s key although it has a token URL', async () => {
  const { merchant, sink } = await openTold()
  await stage.change(merchant, { notificationMode: 'asymmetric' })
  await merchant.pay()
  const [told] = await sink.untilTold(1)
  assert.equal(told?.proof, 'asymmetric')
  assert.equal(sink.tokenRequests.length, 0)
})

test('a token that the partner refuses is fetched anew at once, and that is no failed attempt', async () => {
  const { merchant, sink } = await openTold()
  await merchant.pay()
  await sink.untilTold(1)
  const [stale] = sink.told
  sink.answer = ({ headers }) => (headers.authorization === stale?.headers.authorization ? 401 : 200)
  await merchant.pay()
  const told = await sink.untilTold(3)
  assert.deepEqual([told.length, sink.tokenRequests.length], [3, 2])
  assert.equal(told[1]?.text, told[2]?.text)
  assert.notEqual(told[1]?.headers['x-external-id'], told[2]?.headers['x-external-id'])
  const rows = await stage.untilThere(merchant, 2, 'delivered')
  assert.deepEqual(
    rows.map(({ attempts }) => attempts),
    [1, 1],
  )
})

test('a partner without URLs costs no row', async () => {
  const before = await stage.query('select from notifications')
  await stage.merchant.pay()
  const { merchant, sink } = await openTold()
  await merchant.pay()
  await sink.untilTold(1)
  assert.equal((await stage.query('select from notifications')).length, before.length + 1)
})

test('a channel with a URL of its own is told there', async () => {
  const { merchant, sink } = await openTold()
  const other = await stage.openSinkFor(merchant)
  await stage.change(merchant, {
    urls: [{ purpose: 'notification', channel: CHANNEL, url: `${other.url}/kki` }],
  })
  await merchant.pay()
  const [told] = await other.untilTold(1)
  assert.equal(told?.path, '/kki')
  assert.equal(sink.told.length, 0)
})

test('attempts are kept with what was sent and answered, and without tokens and secrets', async () => {
  const { merchant, sink } = await openTold()
  sink.token = () => ({ accessToken: 'a-token-of-the-partner' })
  const text = `not now \u0000 a-token-of-the-partner 9360000220000000037 ${'é'.repeat(5000)}`
  sink.answer = () => ({ status: 503, text })
  await merchant.pay()
  await sink.untilTold(1)
  const until = Date.now() + 5_000
  let rows: readonly Record<string, unknown>[] = []
  while (rows.length === 0 && Date.now() < until)
    rows = await stage.query<Record<string, unknown>>(
      'select * from notification_attempts where partner_id = $1',
      [merchant.keys.partnerId],
    )
  const [row] = rows
  assert.deepEqual(
    [row?.status, row?.reason, row?.is_resend, row?.url],
    [503, 'HTTP 503', false, `${sink.url}${NOTIFY_PATH}?from=gerbang`],
  )
  assert.equal(row?.request_body, sink.told[0]?.text)
  assert.ok(String(row?.response_body).startsWith('not now \ufffd [masked] 9360[masked] éé'))
  assert.ok(Buffer.byteLength(String(row?.response_body)) <= 4096)
  assert.ok(Number(row?.latency_ms) >= 0)
  const kept = JSON.stringify(rows) + stage.logged.join('')
  assert.equal((row?.request_headers as Record<string, string>).Authorization, 'Bearer [masked]')
  for (const secret of ['a-token-of-the-partner', merchant.keys.clientSecret, '9360000220000000037'])
    assert.ok(!kept.includes(secret), secret)
  assert.ok(stage.logged.some((line) => line.includes('"reason":"HTTP 503"')))
})

test('an answer that the partner has it already counts as delivered, and so does any 2xx', async () => {
  const { merchant, sink } = await openTold()
  const answers = [409, 204, 202]
  sink.answer = () => answers.shift() ?? 500
  for (const _ of [1, 2, 3]) await merchant.pay()
  const rows = await stage.untilThere(merchant, 3, 'delivered')
  assert.deepEqual(
    rows.map(({ attempts }) => attempts),
    [1, 1, 1],
  )
})

test('a redirect is not followed', async () => {
  const { merchant, sink } = await openTold()
  sink.answer = () => 302
  await merchant.pay()
  await sink.untilTold(1)
  const rows = await stage.untilThere(merchant, 1, 'pending')
  assert.equal(rows.length, 1)
  assert.equal(sink.told.length, 1)
})

test('a token is fetched once and kept, and again when it is about to end', async () => {
  const { merchant, sink } = await openTold()
  sink.token = () => ({ accessToken: 'kept', expiresIn: '900' })
  for (const count of [1, 2, 3]) {
    await merchant.pay()
    await sink.untilTold(count)
  }
  assert.equal(sink.tokenRequests.length, 1)
  const hurried = await openTold()
  hurried.sink.token = () => ({ accessToken: 'short', expiresIn: 20 })
  for (const count of [1, 2]) {
    await hurried.merchant.pay()
    await hurried.sink.untilTold(count)
  }
  assert.equal(hurried.sink.tokenRequests.length, 2, 'a token of twenty seconds is used once')
  const brief = await openTold()
  brief.sink.token = () => ({ accessToken: 'brief', expiresIn: 31 })
  await brief.merchant.pay()
  await brief.sink.untilTold(1)
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  await brief.merchant.pay()
  await brief.sink.untilTold(2)
  assert.equal(brief.sink.tokenRequests.length, 2, 'a token of thirty-one seconds is used for one')
})
