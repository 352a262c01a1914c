import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { aBinding, BIND_PATH, codeOf, newCard, resend, verify, wrongCodes } from '../card-customer.ts'
import { redeem } from '../customer.ts'
import { unbind, untilEnded } from '../kept-cards.ts'
import { aPayment, type Merchant, newId, PAYMENT_PATH } from '../merchant.ts'
import { HOUR_MS, MINUTE_MS, type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'
import { NOTIFY_PATH, type Sink, TOKEN_PATH } from '../partner-sink.ts'
import { aPaidOne, aRefund, refund } from '../refunding.ts'

/**
 * Each diagram of the KKI documents, walked from the first arrow to the last by a merchant who has a server for notifications. The
 * numbers are those of the diagrams: 6.3 is CIMB's and has no place here.
 */
const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
const BINDING_PATH = '/v1.0/binding/notify'
let stage: NotifiedStage
before(async () => {
  stage = await openNotifiedStage({
    env: {
      GERBANG_NETWORK_TIMEOUT_MS: '700',
      GERBANG_LONGEST_PAUSE_MS: '200',
      GERBANG_UNBINDING_EVERY_MS: '50',
    },
  })
})
after(() => stage.close())

async function openMerchant(): Promise<{ merchant: Merchant; sink: Sink }> {
  const merchant = await stage.addMerchant()
  const sink = await stage.openSinkFor(merchant)
  await stage.subscribe(merchant, sink, {
    urls: [
      { purpose: 'notification', url: `${sink.url}${NOTIFY_PATH}` },
      { purpose: 'binding', url: `${sink.url}${BINDING_PATH}` },
      { purpose: 'token', url: `${sink.url}${TOKEN_PATH}` },
    ],
  })
  return { merchant, sink }
}

/** What the merchant is told next, after `before` notifications. */
async function told(sink: Sink, before = 0) {
  const [, next] = [before, (await sink.untilTold(before + 1))[before]]
  assert.ok(next)
  assert.equal(next.proof, 'symmetric')
  return next.body
}

/** The cardholder's browser: opens the page, posts what is in its form, keeps the cookie. */
async function openPage(url: string) {
  const first = await fetch(url)
  const cookie = (first.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  let html = await first.text()
  return {
    status: first.status,
    html: () => html,
    async post(members: Readonly<Record<string, string>>): Promise<number> {
      const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
      const answer = await fetch(url, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ csrf, ...members }),
        redirect: 'manual',
      })
      html = await answer.text()
      return answer.status
    },
  }
}

async function keepOnPage(merchant: Merchant, sink: Sink) {
  const cardNumber = await newCard(stage)
  const wish = {
    cardNumber,
    body: { additionalInfo: { channel: CHANNEL, successRegistrationUrl: 'toko.example/ok' } },
  }
  const bound = await merchant.call(BIND_PATH, aBinding(merchant, wish))
  assert.equal(bound.body.responseCode, '2000100', bound.text)
  const page = await openPage(bound.body.redirectUrl)
  assert.equal(page.status, 200)
  const otp = await codeOf(stage, bound.body.referenceNo)
  assert.equal(await page.post({ action: 'verify', code: otp, language: 'id' }), 200)
  const result = await told(sink)
  return { page, bound, result }
}

test('6.1 binding on the hosted page: code, result to the merchant, return to the shop, customer token', async () => {
  const { merchant, sink } = await openMerchant()
  const { page, bound, result } = await keepOnPage(merchant, sink)
  assert.equal(bound.body.additionalInfo.status, 'PENDING')
  assert.match(page.html(), /https:\/\/toko\.example\/ok/)
  assert.equal(result.additionalInfo.status, 'SUCCESS')
  assert.match(result.additionalInfo.bankCardToken, /^[0-9a-f]{32}$/)
  const token = await redeem(merchant, result.additionalInfo.authCode)
  assert.equal(token.body.responseCode, '2007400', token.text)
  const paid = await merchant.call(
    PAYMENT_PATH,
    { ...withToken(result.additionalInfo.bankCardToken) },
    { headers: { 'Authorization-Customer': `Bearer ${token.body.accessToken}` } },
  )
  assert.equal(paid.body.responseCode, '2005400', paid.text)
})

test('6.2 binding host to host: wrong key, code to the merchant, resend, token', async () => {
  const { merchant } = await openMerchant()
  const cardNumber = await newCard(stage)
  const headers = { 'CHANNEL-ID': 'H2H' }
  const stranger = await stage.addMerchant()
  const foreign = {
    ...aBinding(merchant, { cardNumber }),
    cardData: aBinding(stranger, { cardNumber }).cardData,
  }
  assert.equal((await merchant.call(BIND_PATH, foreign, { headers })).body.responseCode, '4010100')

  const journeyId = `J${newId()}`
  const bound = await merchant.call(BIND_PATH, aBinding(merchant, { cardNumber, body: { journeyId } }), {
    headers,
  })
  assert.equal(bound.body.responseCode, '2000100', bound.text)
  assert.equal(bound.body.redirectUrl, undefined)
  assert.match(bound.body.additionalInfo.authCode, /^\d{40}$/)
  const verified = await verify(merchant, bound.body.referenceNo, await codeOf(stage, bound.body.referenceNo))
  assert.equal(verified.body.responseCode, '2000400', verified.text)
  assert.match(verified.body.bankCardToken, /^[0-9a-f]{32}$/)
})

function withToken(bankCardToken: string, additionalInfo: object = {}) {
  return {
    partnerReferenceNo: `INV-${newId()}`,
    bankCardToken,
    amount: { value: '75000.00', currency: 'IDR' },
    additionalInfo: { channel: CHANNEL, ...additionalInfo },
  }
}

test('6.4 V1: accepted, confirmed in the issuer’s app, told', async () => {
  const { merchant, sink } = await openMerchant()
  const body = aPayment({ otp: '10000001' })
  const accepted = await merchant.call(PAYMENT_PATH, body)
  assert.equal(accepted.body.responseCode, '2025400')
  stage.clock.jump(2_000)
  const { latestTransactionStatus, originalPartnerReferenceNo } = await told(sink)
  assert.deepEqual([latestTransactionStatus, originalPartnerReferenceNo], ['00', body.partnerReferenceNo])
})

test('6.5 V2: paid and linked, the token comes with the notification and with the status', async () => {
  const { merchant, sink } = await openMerchant()
  const body = aPayment({ additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } })
  assert.equal((await merchant.call(PAYMENT_PATH, body)).body.responseCode, '2005400')
  const { additionalInfo } = await told(sink)
  assert.equal(additionalInfo.bindStatus, 'SUCCESS')
  const status = await merchant.status({ originalPartnerReferenceNo: body.partnerReferenceNo })
  assert.equal(status.body.additionalInfo.bankCardToken, additionalInfo.bankCardToken)
})

test('6.6 V3 and 6.7 V4: paid with the token, with and without the cardholder; a decline is told as well', async () => {
  const { merchant, sink } = await openMerchant()
  const { result } = await keepOnPage(merchant, sink)
  const { bankCardToken } = result.additionalInfo
  const recurring = { paymentType: 'RECURRING' }
  for (const [place, more] of [{}, recurring].entries()) {
    assert.equal(
      (await merchant.call(PAYMENT_PATH, withToken(bankCardToken, more))).body.responseCode,
      '2005400',
    )
    const { latestTransactionStatus, additionalInfo } = await told(sink, 1 + place)
    assert.equal(latestTransactionStatus, '00')
    assert.equal(additionalInfo.paymentType, place === 0 ? 'SALE' : 'RECURRING')
  }
  const dear = { ...withToken(bankCardToken, recurring), amount: { value: '940314.00', currency: 'IDR' } }
  assert.equal((await merchant.call(PAYMENT_PATH, dear)).body.responseCode, '4035414')
  assert.equal((await told(sink, 3)).latestTransactionStatus, '06')
})

test('6.8 a code that is wrong five times is blocked, and one that is late has expired', async () => {
  const { merchant } = await openMerchant()
  const begin = async () => {
    const cardNumber = await newCard(stage)
    const headers = { 'CHANNEL-ID': 'H2H' }
    const bound = await merchant.call(BIND_PATH, aBinding(merchant, { cardNumber }), { headers })
    return bound.body.referenceNo as string
  }
  const first = await begin()
  const codes: string[] = []
  for (const wrong of wrongCodes(await codeOf(stage, first), 5))
    codes.push((await verify(merchant, first, wrong)).body.responseCode)
  assert.deepEqual(codes, ['4040415', '4040415', '4040415', '4040415', '4030411'])

  const second = await begin()
  const code = await codeOf(stage, second)
  stage.clock.jump(6 * MINUTE_MS)
  assert.equal((await verify(merchant, second, code)).body.responseCode, '4030412')
})

test('6.9 refund: part, then the rest, then nothing is left; the full refund is told', async () => {
  const { merchant, sink } = await openMerchant()
  const reference = await aPaidOne(merchant)
  await told(sink)
  const first = await refund(merchant, aRefund(reference, '4000.00'))
  assert.equal(first.body.responseCode, '2000700', first.text)
  assert.equal((await refund(merchant, aRefund(reference, '7000.00'))).body.responseCode, '4040713')
  assert.equal((await refund(merchant, aRefund(reference, '6000.00'))).body.responseCode, '2000700')
  assert.equal((await told(sink, 1)).latestTransactionStatus, '04')
  const status = await merchant.status({ originalPartnerReferenceNo: reference })
  assert.equal(status.body.latestTransactionStatus, '04')
  assert.equal(status.body.refundHistory.length, 2)
  assert.equal((await refund(merchant, aRefund(reference, '1.00'))).body.responseCode, '4040700')
})

test('6.10 unbinding: answered at once, finished with the network, and the card is charged no more', async () => {
  const { merchant, sink } = await openMerchant()
  const { result } = await keepOnPage(merchant, sink)
  const { bankCardToken } = result.additionalInfo
  assert.equal((await unbind(merchant, '0'.repeat(32))).body.responseCode, '4040511')
  const answer = await unbind(merchant, bankCardToken)
  assert.equal(answer.body.responseCode, '2000500', answer.text)
  const refused = await merchant.call(PAYMENT_PATH, withToken(bankCardToken))
  assert.equal(refused.body.responseCode, '4035418')
  await untilEnded(stage, bankCardToken)
  const events = await stage.query<{ type: string }>(
    'select type from outbox where reference_no = $1 order by sequence',
    [answer.body.referenceNo],
  )
  assert.deepEqual(
    events.map(({ type }) => type),
    ['card.unbinding.requested.v1', 'card.unbinding.completed.v1'],
  )
})

test('6.11 a notification that fails is sent again after 30 minutes, 6 hours and 12 hours, and then no more', async () => {
  const { merchant, sink } = await openMerchant()
  sink.answer = () => 503
  await merchant.pay()
  await sink.untilTold(1)
  for (const [place, ahead] of [30 * MINUTE_MS, 5.5 * HOUR_MS, 6 * HOUR_MS].entries()) {
    await stage.untilThere(merchant, 1, 'pending')
    stage.clock.jump(ahead + MINUTE_MS)
    await sink.untilTold(place + 2)
  }
  const [row] = await stage.untilThere(merchant, 1, 'given-up')
  assert.equal(row?.attempts, 4)
})

test('6.12 a network that keeps silent: 202, the same answer again, and the truth by notification and status', async () => {
  const { merchant, sink } = await openMerchant()
  const body = aPayment({ otp: '40000001' })
  const externalId = newId()
  const silent = await merchant.call(PAYMENT_PATH, body, { externalId })
  assert.equal(silent.body.responseCode, '2025400')
  const again = await merchant.call(PAYMENT_PATH, body, { externalId })
  assert.deepEqual([again.status, again.text], [409, silent.text])
  stage.clock.jump(2_000)
  assert.equal((await told(sink)).latestTransactionStatus, '00')
  const status = await merchant.status({ originalPartnerReferenceNo: body.partnerReferenceNo })
  assert.equal(status.body.latestTransactionStatus, '00')
})

test('a code may be sent again after a minute, and the old one is worth nothing then', async () => {
  const { merchant } = await openMerchant()
  const headers = { 'CHANNEL-ID': 'H2H' }
  const wish = { cardNumber: await newCard(stage) }
  const { referenceNo } = (await merchant.call(BIND_PATH, aBinding(merchant, wish), { headers })).body
  const first = await codeOf(stage, referenceNo)
  assert.equal((await resend(merchant, referenceNo)).body.responseCode, '4298100')
  stage.clock.jump(61_000)
  assert.equal((await resend(merchant, referenceNo)).body.responseCode, '2008100')
  const second = await codeOf(stage, referenceNo)
  if (first !== second)
    assert.equal((await verify(merchant, referenceNo, first)).body.responseCode, '4040415')
  assert.equal((await verify(merchant, referenceNo, second)).body.responseCode, '2000400')
})

test('a partner is told at the time of its own clock, however far ours has been set ahead', async () => {
  const { merchant, sink } = await openMerchant()
  await merchant.pay()
  const [first] = await sink.untilTold(1)
  const saidAt = Date.parse(first?.headers['x-timestamp'] ?? '')
  assert.ok(stage.clock.shiftMs() > HOUR_MS)
  assert.ok(Math.abs(saidAt - Date.now()) < MINUTE_MS)
  const askedAt = Date.parse(sink.tokenRequests[0]?.headers['x-timestamp'] ?? '')
  assert.ok(Math.abs(askedAt - Date.now()) < MINUTE_MS)
})
