import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { sqlOn } from '../../src/database/pool.ts'
import { findOfJourney, findOpenOfCard } from '../../src/payment/steps/journeys/store.ts'
import { aBinding, BIND_PATH, codeOf, messagesOf } from '../card-customer.ts'
import { redeem } from '../customer.ts'
import { control } from '../fault/books.ts'
import {
  aDebit,
  anybodysPhone,
  CIMB,
  debit,
  H2H,
  type KeptAccount,
  keepAccount,
  MANDIRI,
  OTP,
  OTP_PATH,
  stateOf,
  VERIFICATION_PATH,
  verify,
} from '../kept-accounts.ts'
import { type Answer, newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
let mandiri: KeptAccount
let cimb: KeptAccount
before(async () => {
  stage = await openStage({ env: { GERBANG_CHANNELS: 'kki,cimb,allo,bri,mandiri,ovo,dana,shopeepay' } })
  mandiri = await keepAccount(stage, 'mandiri')
  cimb = await keepAccount(stage, 'cimb')
})
after(() => stage.close())

const ofMandiri = { channel: MANDIRI }
const newJourney = () => `JP${newId()}`

async function paidHostToHost(account: KeptAccount, members: object = {}) {
  const body = aDebit(MANDIRI, members)
  const answer = await debit(stage, account, body, { headers: H2H })
  assert.equal(answer.body.responseCode, '2025400', answer.text)
  return { ...body, referenceNo: answer.body.referenceNo as string }
}

/** The documented body of a request for the code of a payment. */
function askForCode(account: KeptAccount, journeyId: string, members: object = {}): Promise<Answer> {
  const { bankCardToken } = account
  const body = { journeyId, otpTrxCode: '54', bankCardToken, additionalInfo: ofMandiri, ...members }
  return stage.merchant.call(OTP_PATH, body, { headers: account.headers })
}

function give(account: KeptAccount, members: object): Promise<Answer> {
  return verify(stage, account, { additionalInfo: ofMandiri, ...members })
}

/** A card that was bound host to host, under a journey of the partner's. */
async function boundCard(journeyId: string): Promise<KeptAccount> {
  const phoneNo = anybodysPhone()
  const binding = aBinding(stage.merchant, {
    cardNumber: `4617${String(randomInt(1e12)).padStart(12, '0')}`,
    card: { expiryDate: '1129' },
    body: {
      phoneNo,
      journeyId,
      additionalInfo: {
        channel: MANDIRI,
        successRegistrationUrl: 'https://shop.example/kept',
        failedRegistrationUrl: 'https://shop.example/not-kept',
      },
    },
  })
  const { body } = await stage.merchant.call(BIND_PATH, binding, { headers: H2H })
  assert.equal(body.responseCode, '2000100', JSON.stringify(body))
  const { referenceNo } = body
  await stage.merchant.call(OTP_PATH, { journeyId, otpTrxCode: '01', additionalInfo: ofMandiri })
  const otp = await codeOf(stage, referenceNo)
  const given = { otp, action: 'otpLinkage', originalReferenceNo: referenceNo }
  const kept = await stage.merchant.call(VERIFICATION_PATH, given)
  assert.equal(kept.body.responseCode, '2000400', kept.text)
  const { authCode } = body.additionalInfo
  const customerToken = (await redeem(stage.merchant, authCode)).body.accessToken as string
  return {
    bankCardToken: kept.body.bankCardToken,
    customerToken,
    authCode,
    phoneNo,
    headers: { 'Authorization-Customer': customerToken },
  }
}

test('a payment is confirmed by its journey, as the documented bodies have it', async () => {
  const journeyId = newJourney()
  const { referenceNo, partnerReferenceNo } = await paidHostToHost(mandiri, { journeyId })
  const asked = await askForCode(mandiri, journeyId)
  assert.equal(asked.body.responseCode, '2008100', asked.text)
  assert.equal(asked.body.originalReferenceNo, referenceNo)
  const given = await give(mandiri, { journeyId })
  assert.equal(given.body.responseCode, '2000400', given.text)
  assert.equal(await stateOf(stage, partnerReferenceNo), 'paid')
  const late = await give(mandiri, { journeyId })
  assert.equal(late.body.responseCode, '4000403', late.text)
})

test('the customer’s own token may stand for the card', async () => {
  const journeyId = newJourney()
  const { referenceNo } = await paidHostToHost(mandiri, { journeyId })
  const asked = await askForCode(mandiri, journeyId, { bankCardToken: mandiri.customerToken })
  assert.equal(asked.body.originalReferenceNo, referenceNo, asked.text)
})

test('a payment that failed leaves its journey to the next', async () => {
  const journeyId = newJourney()
  const lost = aDebit(MANDIRI, { journeyId, amount: { value: '940314.00', currency: 'IDR' } })
  assert.equal((await debit(stage, mandiri, lost, { headers: H2H })).body.responseCode, '4035414')
  const refused = await give(mandiri, { journeyId })
  assert.equal(refused.body.responseCode, '4030414', refused.text)
  const { referenceNo } = await paidHostToHost(mandiri, { journeyId })
  assert.equal((await askForCode(mandiri, journeyId)).body.originalReferenceNo, referenceNo)
})

test('of two open payments of one journey none is guessed', async () => {
  const journeyId = newJourney()
  const first = await paidHostToHost(mandiri, { journeyId })
  await paidHostToHost(mandiri, { journeyId })
  for (const refused of [await askForCode(mandiri, journeyId), await give(mandiri, { journeyId })]) {
    assert.match(refused.body.responseCode, /^400(81|04)02$/)
    assert.match(refused.body.responseMessage, /originalPartnerReferenceNo/)
  }
  const named = await askForCode(mandiri, journeyId, { originalReferenceNo: first.referenceNo })
  assert.equal(named.body.originalReferenceNo, first.referenceNo, named.text)
})

test('a journey is the partner’s own, and so is its customer’s', async () => {
  const journeyId = newJourney()
  await paidHostToHost(mandiri, { journeyId })
  const other = await keepAccount(stage, 'mandiri')
  assert.equal((await askForCode(other, journeyId)).body.responseCode, '4048118')
  const merchant = await stage.addMerchant()
  const account = await keepAccount(stage, 'mandiri', { merchant })
  const { bankCardToken, headers } = account
  const body = { journeyId, otpTrxCode: '54', bankCardToken, additionalInfo: ofMandiri }
  assert.equal((await merchant.call(OTP_PATH, body, { headers })).body.responseCode, '4048107')
  const nobody = await stage.merchant.call(OTP_PATH, { journeyId, additionalInfo: ofMandiri })
  assert.equal(nobody.body.responseCode, '4018104')
})

test('with the journey of the bind and its card the one open payment of the card is meant', async () => {
  const journeyId = newJourney()
  const card = await boundCard(journeyId)
  const none = await askForCode(card, journeyId)
  assert.equal(none.body.responseCode, '4048101', none.text)
  const { referenceNo, partnerReferenceNo } = await paidHostToHost(card)
  const stranger = await askForCode(mandiri, journeyId)
  assert.equal(stranger.body.responseCode, '4048118', stranger.text)
  const { bankCardToken } = card
  const nobody = { journeyId, bankCardToken, additionalInfo: ofMandiri }
  assert.equal((await stage.merchant.call(OTP_PATH, nobody)).body.responseCode, '4018104')
  const asked = await askForCode(card, journeyId)
  assert.equal(asked.body.originalReferenceNo, referenceNo, asked.text)
  const paid = await give(card, { journeyId, otp: await codeOf(stage, referenceNo) })
  assert.equal(paid.body.responseCode, '2000400', paid.text)
  assert.equal(await stateOf(stage, partnerReferenceNo), 'paid')
  await paidHostToHost(card)
  await paidHostToHost(card)
  const several = await askForCode(card, journeyId)
  assert.equal(several.body.responseCode, '4008102', several.text)
})

test('a payment whose code nobody has asked for takes none, and no try is counted', async () => {
  const { referenceNo, partnerReferenceNo } = await paidHostToHost(mandiri)
  const early = await give(mandiri, { originalPartnerReferenceNo: partnerReferenceNo })
  assert.equal(early.body.responseCode, '4040406', early.text)
  const [tried] = await stage.query<{ attempts: number }>(
    'select attempts from payment_steps where reference_no = $1',
    [referenceNo],
  )
  assert.equal(tried?.attempts, 0)
  const asked = await askForCode(mandiri, newJourney(), { originalReferenceNo: referenceNo })
  assert.equal(asked.body.responseCode, '2008100', asked.text)
  const given = await give(mandiri, { originalPartnerReferenceNo: partnerReferenceNo })
  assert.equal(given.body.responseCode, '2000400', given.text)
})

test('a code whose request never reached the bank is not waited for, and the bank says so', async () => {
  const { referenceNo, partnerReferenceNo } = await paidHostToHost(mandiri)
  await control(stage, 'next', { fault: 'drop-before', match: { operation: 'resend' } })
  const lost = await askForCode(mandiri, newJourney(), { originalReferenceNo: referenceNo })
  assert.equal(lost.body.responseCode, '2028100', lost.text)
  assert.equal(lost.body.chargeToken, referenceNo)
  const early = await give(mandiri, { originalPartnerReferenceNo: partnerReferenceNo })
  assert.equal(early.body.responseCode, '4040406', early.text)
  assert.equal(await stateOf(stage, partnerReferenceNo), 'waiting')
})

test('the open payments of a card are found by an index of their own', async (t) => {
  const client = new pg.Client({ connectionString: stage.databaseUrl })
  await client.connect()
  t.after(() => client.end())
  await client.query('set enable_seqscan = off')
  const plans: string[] = []
  const sql = sqlOn({
    async query(config: object) {
      const { text, values } = config as { text: string; values: unknown[] }
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values)
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'))
      return { rows: [] }
    },
  })
  await findOpenOfCard(sql, 'BRN-1', mandiri.bankCardToken)
  await findOfJourney(sql, 'BRN-1', 'JP1')
  assert.match(plans[0] ?? '', /payments_open_by_card/)
  assert.match(plans[1] ?? '', /payment_journeys_pkey/)
})

test('the reply to a wish for a code has a chargeToken, by which the code is then given', async () => {
  const { referenceNo } = await paidHostToHost(mandiri)
  const asked = await askForCode(mandiri, newJourney(), { originalReferenceNo: referenceNo })
  const { chargeToken } = asked.body
  assert.match(chargeToken, /^[ -~]{1,40}$/, asked.text)
  const other = await paidHostToHost(mandiri)
  const crossed = { chargeToken, originalPartnerReferenceNo: other.partnerReferenceNo }
  assert.equal((await give(mandiri, crossed)).body.responseCode, '4040418')
  const given = await give(mandiri, { chargeToken })
  assert.equal(given.body.responseCode, '2000400', given.text)
  assert.equal(given.body.originalReferenceNo, referenceNo)
})

test('the code of a page belongs to the page, and the bank hears nothing of it', async () => {
  const body = aDebit(CIMB)
  const { referenceNo } = (await debit(stage, cimb, body)).body
  const { partnerReferenceNo: originalPartnerReferenceNo } = body
  const given = await verify(stage, cimb, { originalPartnerReferenceNo })
  assert.equal(given.body.responseCode, '4040400', given.text)
  const names = { originalPartnerReferenceNo, additionalInfo: { channel: CIMB } }
  const asked = await stage.merchant.call(OTP_PATH, names, { headers: cimb.headers })
  assert.equal(asked.body.responseCode, '4048100', asked.text)
  const [step] = await stage.query<object>(
    'select step, attempts, otp_requests from payment_steps where reference_no = $1',
    [referenceNo],
  )
  assert.deepEqual(step, { step: 'otp', attempts: 0, otp_requests: 0 })
  assert.equal((await messagesOf(stage, referenceNo)).length, 1)
})

test('what is lacking is named', async () => {
  const refusal = async (path: string, body: object, headers = cimb.headers) => {
    const answer = await stage.merchant.call(path, body, { headers })
    return `${answer.body.responseCode} ${answer.body.responseMessage}`
  }
  assert.equal(
    await refusal(VERIFICATION_PATH, { otp: OTP, action: 'otpPayment', additionalInfo: { channel: CIMB } }),
    '4000402 Invalid Mandatory Field originalPartnerReferenceNo',
  )
  const additionalInfo = { channel: MANDIRI }
  assert.equal(await refusal(OTP_PATH, { otpTrxCode: '54' }), '4008102 Invalid Mandatory Field journeyId')
  assert.equal(await refusal(OTP_PATH, { additionalInfo }, {}), '4008102 Invalid Mandatory Field journeyId')
})

test('a customer’s token and a payment say that the code is the payment’s', async () => {
  const body = aDebit(CIMB)
  await debit(stage, cimb, body, { headers: H2H })
  const names = { otp: OTP, originalPartnerReferenceNo: body.partnerReferenceNo }
  const given = await stage.merchant.call(VERIFICATION_PATH, names, { headers: cimb.headers })
  assert.equal(given.body.responseCode, '2000400', given.text)
  assert.equal(await stateOf(stage, body.partnerReferenceNo), 'paid')
})

for (const otp of ['11100', '11100011'])
  test(`${otp} is no code of a channel whose codes have six digits`, async () => {
    const body = aDebit(CIMB)
    await debit(stage, cimb, body, { headers: H2H })
    const refused = await verify(stage, cimb, { otp, originalPartnerReferenceNo: body.partnerReferenceNo })
    assert.deepEqual(
      [refused.body.responseCode, refused.body.responseMessage],
      ['4000401', 'Invalid Field Format otp'],
    )
  })
