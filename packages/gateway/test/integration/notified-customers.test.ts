import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { redeem } from '../customer.ts'
import { aDebit, CIMB, debit, H2H, type KeptAccount, keepAccount, verify } from '../kept-accounts.ts'
import { keepCardOf } from '../kept-cards.ts'
import { aPayment, type Merchant, PAYMENT_PATH } from '../merchant.ts'
import { MINUTE_MS, type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'
import type { Sink } from '../partner-sink.ts'
import { aRefund, refund } from '../refunding.ts'

const KKI = 'KARTU_KREDIT_INDONESIA_SNAP'
const REFUNDED = '04'
let stage: NotifiedStage
before(async () => {
  stage = await openNotifiedStage({
    env: {
      GERBANG_TRANSACTION_TOLERANCE_SECONDS: '0',
      GERBANG_TOKEN_SECONDS: '86400',
      GERBANG_CUSTOMER_TOKEN_SECONDS: '900',
    },
  })
})
after(() => stage.close())

interface Told {
  readonly merchant: Merchant
  readonly sink: Sink
  readonly own: NotifiedStage
}

async function openTold(): Promise<Told> {
  const merchant = await stage.addMerchant()
  const sink = await stage.openSinkFor(merchant)
  await stage.subscribe(merchant, sink)
  return { merchant, sink, own: { ...stage, merchant } }
}

/** Pays with an account of CIMB's and returns the number of the payment. */
async function pay({ own }: Told, account: KeptAccount): Promise<string> {
  const body = aDebit(CIMB)
  await debit(own, account, body, { headers: H2H })
  const paid = await verify(own, account, { originalPartnerReferenceNo: body.partnerReferenceNo })
  assert.equal(paid.body.responseCode, '2000400', paid.text)
  return body.partnerReferenceNo
}

const NAME = 'authorization-customer'

test('what is told of a payment with an account names its customer by the token that was issued last, to the letter', async () => {
  const told = await openTold()
  const account = await keepAccount(stage, 'cimb', told)
  await pay(told, account)
  await told.sink.untilTold(1)
  stage.clock.jump(2_000)
  const later = (await redeem(told.merchant, account.authCode)).body.accessToken
  assert.notEqual(later, account.customerToken)
  await pay(told, account)
  const headers = (await told.sink.untilTold(2)).map((one) => [one.headers[NAME], one.proof])
  assert.deepEqual(headers, [
    [`Bearer ${account.customerToken}`, 'symmetric'],
    [`Bearer ${later}`, 'symmetric'],
  ])
})

test('a partner may want its own token there instead, or none', async () => {
  const told = await openTold()
  const account = await keepAccount(stage, 'cimb', told)
  await stage.change(told.merchant, { notificationCustomerToken: 'merchantB2B' })
  await pay(told, account)
  const [own] = await told.sink.untilTold(1)
  assert.match(own?.headers.authorization ?? '', /^Bearer \S+$/)
  assert.equal(own?.headers[NAME], own?.headers.authorization)
  await stage.change(told.merchant, { notificationCustomerToken: 'none' })
  await pay(told, account)
  const [, none] = await told.sink.untilTold(2)
  assert.equal(none?.headers[NAME], undefined)
  await stage.change(told.merchant, {
    notificationCustomerToken: 'merchantB2B',
    notificationMode: 'asymmetric',
  })
  await pay(told, account)
  const [, , signed] = await told.sink.untilTold(3)
  assert.deepEqual([signed?.proof, signed?.headers[NAME]], ['asymmetric', undefined], 'there is none to show')
})

test('a payment with a card that nobody keeps names no customer, and neither does one whose customer has no token yet', async () => {
  const { merchant, sink } = await openTold()
  await merchant.pay()
  const [first] = await sink.untilTold(1)
  assert.equal(first?.headers[NAME], undefined)
  const { bankCardToken, authCode } = await keepCardOf(stage, { merchant, networkToken: `NT${Date.now()}` })
  const payKept = () => {
    const additionalInfo = { channel: KKI, paymentType: 'RECURRING' }
    const { chargeToken: _, otp: __, ...body } = aPayment({ additionalInfo })
    return merchant.call(PAYMENT_PATH, { ...body, bankCardToken })
  }
  await payKept()
  const [, second] = await sink.untilTold(2)
  assert.equal(second?.headers[NAME], undefined)
  const { accessToken } = (await redeem(merchant, authCode)).body
  await payKept()
  const [, , third] = await sink.untilTold(3)
  assert.equal(third?.headers[NAME], `Bearer ${accessToken}`)
})

test('the token of a customer stands in no table, no log and no attempt, whatever the partner answers', async () => {
  const told = await openTold()
  const { merchant, sink } = told
  const account = await keepAccount(stage, 'cimb', told)
  sink.answer = ({ headers }) => ({ status: 200, text: JSON.stringify(headers) })
  await pay(told, account)
  await sink.untilTold(1)
  await stage.untilThere(merchant, 1, 'delivered')
  const [attempt] = await stage.query<{ request_headers: Record<string, string>; response_body: string }>(
    'select request_headers, response_body from notification_attempts where partner_id = $1',
    [merchant.keys.partnerId],
  )
  assert.equal(attempt?.request_headers['Authorization-customer'], 'Bearer [masked]')
  assert.match(attempt?.response_body ?? '', /"authorization-customer":"Bearer \[masked\]"/)
  const tables = await stage.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public'`,
  )
  assert.ok(tables.some(({ name }) => name === 'customer_token_ends'))
  for (const { name } of tables) {
    const rows = JSON.stringify(await stage.query(`select to_jsonb(t) from "${name}" t`))
    assert.ok(!rows.includes(account.customerToken), name)
  }
  assert.ok(!stage.logged.join('').includes(account.customerToken))
})

test('a refund is told with the same token, also to a partner who is told by the gateway’s key, and after it has expired', async () => {
  const told = await openTold()
  const { merchant, sink } = told
  const account = await keepAccount(stage, 'cimb', told)
  const number = await pay(told, account)
  await sink.untilTold(1)
  await stage.change(merchant, { notificationMode: 'asymmetric' })
  sink.answer = () => (sink.told.length === 2 ? 503 : 200)
  const given = aRefund(number, '10000.00', {
    partnerRefundNo: `R${number.slice(1)}`,
    additionalInfo: { channel: CIMB },
  })
  const answer = await refund(merchant, given, { headers: account.headers })
  assert.equal(answer.body.responseCode, '2000700', answer.text)
  await sink.untilTold(2)
  stage.clock.jump(31 * MINUTE_MS)
  const [, ...refunded] = await sink.untilTold(3)
  for (const { body, proof, headers } of refunded)
    assert.deepEqual(
      [body.latestTransactionStatus, proof, headers[NAME]],
      [REFUNDED, 'asymmetric', `Bearer ${account.customerToken}`],
    )
})
