import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newCard } from '../card-customer.ts'
import { redeem, refresh } from '../customer.ts'
import { keepCardOf, unbind, untilEnded } from '../kept-cards.ts'
import { type Answer, aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'
import type { Sink, Told } from '../partner-sink.ts'
import { aRefund, refund } from '../refunding.ts'

const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
const secrets: Record<string, string> = {}
const replies: string[] = []
let stage: NotifiedStage

before(async () => {
  stage = await openNotifiedStage({
    env: {
      GERBANG_NETWORK_TIMEOUT_MS: '300',
      GERBANG_TRANSACTION_TOLERANCE_SECONDS: '0',
      GERBANG_TOKEN_SECONDS: '86400',
    },
  })
  const sink = await stage.openSinkFor(stage.merchant)
  await stage.subscribe(stage.merchant, sink)
  await payEverything(sink)
  await useTheCard()
})
after(() => stage.close())

function keep(answer: Answer): Answer {
  replies.push(answer.text, JSON.stringify(answer.headers))
  return answer
}

/** A partner's server that shows in its answers all that it was told, as a server in trouble does. */
const talkative =
  (status: number) =>
  ({ headers, text }: Told) => ({ status, text: `${text} ${JSON.stringify(headers)}` })

async function payEverything(sink: Sink): Promise<void> {
  const { merchant } = stage
  const cardNumber = await newCard(stage)
  secrets['the card number'] = cardNumber
  secrets['the client secret'] = merchant.keys.clientSecret
  sink.answer = talkative(500)
  const lineItems = [{ name: `paid with ${cardNumber}`, price: Number(cardNumber.slice(0, 18)), quantity: 1 }]
  const additionalInfo = { channel: CHANNEL, isBindAndPay: 'Y', lineItems, remarks: cardNumber }
  const body = aPayment({ chargeToken: cardNumber, otp: '10000005', additionalInfo })
  const headers = { 'X-DEVICE-ID': cardNumber, 'X-IP-ADDRESS': cardNumber }
  keep(await merchant.call(PAYMENT_PATH, body, { headers }))
  const paid = keep(await merchant.waitFor(body.partnerReferenceNo, '00'))
  assert.equal(paid.body.latestTransactionStatus, '00', paid.text)
  const given = aRefund(body.partnerReferenceNo, '10000.00', { reason: `to ${cardNumber}, please` })
  const externalId = newId()
  for (const _ of ['once', 'again']) keep(await refund(merchant, given, { externalId }))
  keep(await merchant.status({ originalPartnerReferenceNo: body.partnerReferenceNo }))
  const [told] = await sink.untilTold(1)
  secrets["the partner's token"] = told?.headers.authorization?.replace('Bearer ', '') ?? ''
  sink.answer = talkative(200)
  stage.clock.jump(3_600_000)
  await sink.untilTold(3)
  await stage.untilThere(stage.merchant, 2, 'delivered')
}

async function useTheCard(): Promise<void> {
  const { merchant } = stage
  const cardNumber = await newCard(stage)
  secrets['the number of a kept card'] = cardNumber
  const { bankCardToken, authCode } = await keepCardOf(stage, {
    cardNumber,
    networkToken: 'NT-of-this-test-alone',
  })
  secrets['the token of the network'] = 'NT-of-this-test-alone'
  secrets['the authCode'] = authCode
  const first = (await redeem(merchant, authCode)).body
  const second = (await refresh(merchant, first.refreshToken)).body
  for (const [name, { accessToken, refreshToken }] of Object.entries({ first, second })) {
    secrets[`the ${name} token of the customer`] = accessToken
    secrets[`the ${name} refresh token`] = refreshToken
  }
  const asCustomer = { 'Authorization-Customer': `Bearer ${second.accessToken}` }
  const {
    chargeToken: _,
    otp: __,
    ...body
  } = aPayment({ additionalInfo: { channel: CHANNEL, paymentType: 'RECURRING' } })
  keep(await merchant.call(PAYMENT_PATH, { ...body, bankCardToken }, { headers: asCustomer }))
  for (const wrong of [first.refreshToken, `${second.accessToken}x`, authCode])
    keep(await unbind(merchant, bankCardToken, { headers: { 'Authorization-Customer': wrong } }))
  for (const wrong of [authCode, second.accessToken]) keep(await refresh(merchant, wrong))
  keep(await unbind(merchant, bankCardToken, { body: { partnerReferenceNo: newId() } }))
  assert.equal((await untilEnded(stage, bankCardToken)).card, 'inactive')
  keep(await redeem(merchant, authCode))
}

/** Everything that is kept or shown outside the answers to the partner. */
async function places(): Promise<Readonly<Record<string, string>>> {
  const tables = await stage.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public'`,
  )
  const rows = await Promise.all(
    tables.map(async ({ name }) => [
      `table ${name}`,
      JSON.stringify(await stage.query(`select to_jsonb(t) from "${name}" t`)),
    ]),
  )
  return {
    ...Object.fromEntries(rows),
    'the log': stage.logged.join(''),
    'the metrics': await stage.gateway.metrics.registry.metrics(),
  }
}

test('whatever a partner sends, is told and answers, no secret is in a table, a log or a metric', async () => {
  const found: string[] = []
  const searched = await places()
  for (const [place, text] of Object.entries(searched))
    for (const [what, secret] of Object.entries(secrets)) {
      assert.ok(secret.length >= 16, what)
      if (text.includes(secret)) found.push(`${what} is in ${place}`)
    }
  assert.deepEqual(found, [])
  for (const table of [
    'notification_attempts',
    'refunds',
    'unbindings',
    'card_tokens',
    'request_ids',
    'outbox',
  ])
    assert.ok(String(searched[`table ${table}`]).length > 100, table)
  assert.match(String(searched['table notification_attempts']), /\[masked\]/)
})

test('no reply repeats a card number or a secret that was sent in the wrong place', () => {
  const told = replies.join()
  for (const [what, secret] of Object.entries(secrets)) assert.ok(!told.includes(secret), what)
  for (const code of ['2025400', '2005500', '2000700', '4045411', '4010502', '2000500', '4017400'])
    assert.ok(told.includes(`"responseCode":"${code}"`), code)
})
