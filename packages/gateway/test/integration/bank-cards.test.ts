import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { ACCOUNT_CHANNELS, newPhone } from '../account-customer.ts'
import {
  aBinding,
  BIND_PATH,
  codeOf,
  H2H,
  OTP_PATH,
  resend,
  rowOf,
  untilStands,
  VERIFY_PATH,
  verify,
} from '../card-customer.ts'
import { redeem } from '../customer.ts'
import { control } from '../fault/books.ts'
import { JumpingClock } from '../fault/process-alike.ts'
import { keepCardOf, unbind } from '../kept-cards.ts'
import { newId } from '../merchant.ts'
import { Browser } from '../scriptless-browser.ts'
import { openStage, type Stage } from '../stage.ts'

const BRI = 'DIRECT_DEBIT_BRI_SNAP'
const MANDIRI = 'DIRECT_DEBIT_MANDIRI_SNAP'
const clock = new JumpingClock()
let stage: Stage
before(async () => {
  stage = await openStage({
    seams: { clock },
    simulator: { clock: clock.now },
    env: {
      ...ACCOUNT_CHANNELS,
      GERBANG_TRANSACTION_TOLERANCE_SECONDS: '0',
      GERBANG_TOKEN_SECONDS: '86400',
    },
  })
})
after(() => stage.close())

interface Wish {
  readonly channel: string
  readonly cardNumber: string
  readonly phoneNo?: string
  readonly custIdMerchant?: string
  readonly card?: object
  readonly body?: object
}

function ask({ channel, card, body, phoneNo = newPhone(), ...wish }: Wish, more = { headers: H2H }) {
  const given = aBinding(stage.merchant, {
    ...wish,
    card: { expiryDate: '1129', ...card },
    body: {
      phoneNo,
      ...body,
      additionalInfo: {
        channel,
        successRegistrationUrl: 'https://shop.example/kept',
        failedRegistrationUrl: 'https://shop.example/not-kept',
      },
    },
  })
  return stage.merchant.call(BIND_PATH, given, more)
}

function debitCard(): string {
  return `4617${String(randomInt(1e12)).padStart(12, '0')}`
}

test('a bank that knows its cards by four digits is told those, the expiry and the telephone', async () => {
  const phoneNo = newPhone()
  const { body } = await ask({ channel: BRI, cardNumber: '7801', phoneNo })
  assert.equal(body.responseCode, '2000100', JSON.stringify(body))
  const verified = await verify(stage.merchant, body.referenceNo, await codeOf(stage, body.referenceNo))
  assert.equal(verified.body.responseCode, '2000400', verified.text)
  assert.equal((await redeem(stage.merchant, body.additionalInfo.authCode)).body.responseCode, '2007400')
  // Four digits that another customer has, too, are another card.
  const other = await ask({ channel: BRI, cardNumber: '7801' })
  assert.equal(other.body.responseCode, '2000100')
  const otherToken = await verify(
    stage.merchant,
    other.body.referenceNo,
    await codeOf(stage, other.body.referenceNo),
  )
  assert.notEqual(otherToken.body.bankCardToken, verified.body.bankCardToken)
})

test('the hosted page of such a bank names it, and its authCode is told at once', async () => {
  const { body } = await ask({ channel: BRI, cardNumber: '7802' }, { headers: { 'CHANNEL-ID': 'DH' } })
  assert.match(body.additionalInfo.authCode, /^\d{40}$/)
  const browser = await new Browser(body.redirectUrl).get()
  assert.ok(browser.html.includes('BRI') && browser.html.includes('···· 7802'))
  await browser.post({ action: 'verify', code: await codeOf(stage, body.referenceNo) })
  assert.equal((await rowOf(stage, body.referenceNo)).state, 'active')
})

test('what is no number, no expiry and no password of the channel is refused', async () => {
  const refusals: readonly (readonly [code: string, wish: Wish])[] = [
    ['4000101', { channel: BRI, cardNumber: '78011' }],
    ['4000101', { channel: BRI, cardNumber: '9360000220000000037' }],
    ['4000102', { channel: BRI, cardNumber: '7801', card: { expiryDate: undefined } }],
    ['4000101', { channel: BRI, cardNumber: '7801', card: { expiryDate: '2911' } }],
    ['4000102', { channel: BRI, cardNumber: '7801', body: { phoneNo: '' } }],
    ['4000101', { channel: MANDIRI, cardNumber: '7801' }],
    ['4000102', { channel: MANDIRI, cardNumber: debitCard(), card: { expiryDate: undefined } }],
    ['4000101', { channel: MANDIRI, cardNumber: debitCard(), card: { expiryDate: '1330' } }],
    ...[BRI, MANDIRI].flatMap((channel) => {
      const cardNumber = channel === BRI ? '7801' : debitCard()
      return [
        ['4000102', { channel, cardNumber, card: { bankCardType: undefined } }],
        ['4000102', { channel, cardNumber, card: { bankCardType: '' } }],
        ['4000101', { channel, cardNumber, card: { bankCardType: 'X' } }],
      ] as const
    }),
    ['4050100', { channel: 'DIRECT_DEBIT_CIMB_SNAP', cardNumber: '7801' }],
  ]
  for (const [code, wish] of refusals)
    assert.equal((await ask(wish)).body.responseCode, code, JSON.stringify(wish))
  const { body } = await ask({ channel: BRI, cardNumber: '7803' })
  const short = await verify(stage.merchant, body.referenceNo, '12345')
  assert.deepEqual(
    [short.body.responseCode, short.body.responseMessage],
    ['4000401', 'Invalid Field Format otp'],
  )
  assert.equal((await rowOf(stage, body.referenceNo)).attempts, 0)
})

test('every kind of card that the pages know is taken, written large or small', async () => {
  for (const channel of [BRI, MANDIRI])
    for (const bankCardType of ['D', 'C', 'UE', 'd']) {
      const cardNumber = channel === BRI ? '7801' : debitCard()
      const { body } = await ask({ channel, cardNumber, card: { bankCardType } })
      assert.equal(body.responseCode, '2000100', JSON.stringify(body))
    }
})

test('a channel that keeps no cards says so, whatever can be opened', async () => {
  for (const channel of ['DIRECT_DEBIT_CIMB_SNAP', 'EMONEY_DANA_SNAP']) {
    const { body } = await ask({ channel, cardNumber: '7801', body: { cardData: 'hello' } })
    assert.equal(body.responseCode, '4050100', channel)
  }
  const unopened = await ask({ channel: BRI, cardNumber: '7801', body: { cardData: 'hello' } })
  assert.equal(unopened.body.responseCode, '4010100')
})

test('a password that has to be asked for is, by the journey, before it is taken', async () => {
  const journeyId = `J${newId()}`
  const bound = await ask({ channel: MANDIRI, cardNumber: debitCard(), body: { journeyId } })
  assert.equal(bound.body.responseCode, '2000100', bound.text)
  const { referenceNo } = bound.body
  assert.equal((await rowOf(stage, referenceNo)).state, 'otp_wanted')
  const early = await verify(stage.merchant, referenceNo, '123456')
  assert.equal(early.body.responseCode, '4040406')
  const asked = await stage.merchant.call(OTP_PATH, {
    journeyId,
    otpTrxCode: '01',
    additionalInfo: { channel: MANDIRI },
  })
  assert.equal(asked.body.responseCode, '2008100', asked.text)
  assert.equal((await rowOf(stage, referenceNo)).resends, 0)
  assert.equal((await resend(stage.merchant, referenceNo)).body.responseCode, '4298100')
  const code = await codeOf(stage, referenceNo)
  const verified = await stage.merchant.call(VERIFY_PATH, {
    otp: code,
    type: 'otpLinkage',
    originalReferenceNo: referenceNo,
    additionalInfo: { channel: MANDIRI },
  })
  assert.equal(verified.body.responseCode, '2000400', verified.text)
})

test('without a journey the first external id is one', async () => {
  const externalId = newId()
  const bound = await ask({ channel: MANDIRI, cardNumber: debitCard() }, { headers: H2H, externalId } as {
    headers: typeof H2H
  })
  assert.equal(bound.body.responseCode, '2000100')
  const asked = await stage.merchant.call(OTP_PATH, { journeyId: externalId })
  assert.equal(asked.body.responseCode, '2008100', asked.text)
})

test('a request for the first password whose answer is lost is looked after', async () => {
  const bound = await ask({ channel: MANDIRI, cardNumber: debitCard() })
  await control(stage, 'next', { fault: 'drop-after', match: { operation: 'resend' } })
  const { referenceNo } = bound.body
  const lost = await resend(stage.merchant, referenceNo)
  assert.equal(lost.body.responseCode, '5048100', lost.text)
  const until = Date.now() + 10_000
  while ((await rowOf(stage, referenceNo)).state !== 'otp_sent' && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 30))
  const verified = await verify(stage.merchant, referenceNo, await codeOf(stage, referenceNo))
  assert.equal(verified.body.responseCode, '2000400', verified.text)
})

test('for the page we ask for the password, and where that fails its customer can', async () => {
  const { body } = await ask(
    { channel: MANDIRI, cardNumber: debitCard() },
    { headers: { 'CHANNEL-ID': 'DH' } },
  )
  const browser = await new Browser(body.redirectUrl).get()
  await browser.post({ action: 'verify', code: await codeOf(stage, body.referenceNo) })
  assert.equal((await rowOf(stage, body.referenceNo)).state, 'active')

  await control(stage, 'next', { case: '50002', match: { operation: 'resend' } })
  const failed = await ask({ channel: MANDIRI, cardNumber: debitCard() }, { headers: { 'CHANNEL-ID': 'DH' } })
  assert.equal(failed.body.responseCode, '2000100')
  assert.equal((await rowOf(stage, failed.body.referenceNo)).state, 'otp_wanted')
  const page = await new Browser(failed.body.redirectUrl).get()
  assert.match(page.html, /value="resend"/)
  await page.post({ action: 'resend' })
  await page.post({ action: 'verify', code: await codeOf(stage, failed.body.referenceNo) })
  assert.equal((await rowOf(stage, failed.body.referenceNo)).state, 'active')
})

const base64 = (text: string) => Buffer.from(text).toString('base64')

async function kept(channel: string) {
  const { body } = await ask({ channel, cardNumber: channel === BRI ? '7801' : debitCard() })
  assert.equal(body.responseCode, '2000100', JSON.stringify(body))
  if (channel === MANDIRI) await resend(stage.merchant, body.referenceNo)
  const verified = await verify(stage.merchant, body.referenceNo, await codeOf(stage, body.referenceNo))
  const customer = await redeem(stage.merchant, body.additionalInfo.authCode)
  assert.equal(customer.body.responseCode, '2007400', customer.text)
  return {
    bankCardToken: verified.body.bankCardToken as string,
    customerToken: customer.body.accessToken as string,
  }
}

for (const channel of [BRI, MANDIRI])
  test(`a card of ${channel} is unbound by its token or its customer’s, bare or in Base64`, async () => {
    const names: readonly ((card: Awaited<ReturnType<typeof kept>>) => string)[] = [
      ({ bankCardToken }) => bankCardToken,
      ({ bankCardToken }) => base64(bankCardToken),
      ({ customerToken }) => customerToken,
      ({ customerToken }) => base64(customerToken),
    ]
    for (const nameOf of names) {
      const tokenId = nameOf(await kept(channel))
      const { body } = await unbind(stage.merchant, tokenId, { body: { additionalInfo: { channel } } })
      assert.equal(body.responseCode, '2000500', `${tokenId}: ${JSON.stringify(body)}`)
    }
    for (const tokenId of [base64('junk'), base64('f'.repeat(32)), base64('a.b.c')]) {
      const { body } = await unbind(stage.merchant, tokenId, { body: { additionalInfo: { channel } } })
      assert.equal(body.responseCode, '4040511', tokenId)
    }
  })

test('a token of KKI’s is taken as it is, and nothing else stands for it', async () => {
  const { bankCardToken } = await keepCardOf(stage)
  const channel = 'KARTU_KREDIT_INDONESIA_SNAP'
  for (const additionalInfo of [{ channel }, {}, { channel: BRI }]) {
    const { body } = await unbind(stage.merchant, base64(bankCardToken), { body: { additionalInfo } })
    assert.equal(body.responseCode, '4040511')
  }
  const { body } = await unbind(stage.merchant, bankCardToken, { body: { additionalInfo: { channel } } })
  assert.equal(body.responseCode, '2000500')
})

test('the page of a bank’s card names the bank, whatever the digits of other schemes say', async () => {
  for (const cardNumber of ['4617000212345678', '4617999912345678']) {
    const { body } = await ask({ channel: MANDIRI, cardNumber }, { headers: { 'CHANNEL-ID': 'DH' } })
    const page = await new Browser(body.redirectUrl).get()
    assert.match(page.html, /<p class="bank">.*Bank Mandiri<\/p>/)
    assert.ok(page.html.includes(`Bank Mandiri ···· ${cardNumber.slice(-4)}`))
  }
})

test('a password that nobody asks for in time ends the binding', async () => {
  const { body } = await ask({ channel: MANDIRI, cardNumber: debitCard() })
  clock.jump(901_000)
  assert.equal((await untilStands(stage, body.referenceNo, 'expired')).outcome, 'otpLifetimeExpired')
})

test('older paths lead to the same operations, signed as they were asked', async () => {
  const phoneNo = newPhone()
  const given = aBinding(stage.merchant, {
    cardNumber: '7899',
    card: { expiryDate: '1129' },
    body: {
      phoneNo,
      additionalInfo: {
        channel: BRI,
        successRegistrationUrl: 'shop.example/a',
        failedRegistrationUrl: 'shop.example/b',
      },
    },
  })
  const path = '/wtd-direct-debit-snap-bri/snap/v1.0/registration-card-bind'
  const { body } = await stage.merchant.call(path, given, { headers: H2H })
  assert.equal(body.responseCode, '2000100', JSON.stringify(body))
  const otp = await codeOf(stage, body.referenceNo)
  const verified = await stage.merchant.call('/direct-debit/bri/v1.0/otp-verification', {
    otp,
    originalReferenceNo: body.referenceNo,
  })
  assert.equal(verified.body.responseCode, '2000400', verified.text)
})
