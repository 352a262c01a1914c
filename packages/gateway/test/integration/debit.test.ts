import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  aDebit,
  CIMB,
  debit,
  H2H,
  type KeptAccount,
  keepAccount,
  OTP,
  OTP_PATH,
  stateOf,
  verify,
  WRONG_OTP,
} from '../kept-accounts.ts'
import { newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
let cimb: KeptAccount
before(async () => {
  stage = await openStage({ env: { GERBANG_CHANNELS: 'kki,cimb,allo,bri,mandiri,ovo,dana,shopeepay' } })
  cimb = await keepAccount(stage, 'cimb')
})
after(() => stage.close())

test('CIMB on the page: the reply leads there, and nothing is paid yet', async () => {
  const body = aDebit(CIMB)
  const externalId = newId()
  const { status, body: reply } = await debit(stage, cimb, body, { externalId })
  assert.equal(status, 200, JSON.stringify(reply))
  assert.equal(reply.responseCode, '2005400')
  assert.deepEqual(Object.keys(reply), [
    'responseCode',
    'responseMessage',
    'webRedirectUrl',
    'partnerReferenceNo',
    'referenceNo',
  ])
  const path = `/direct-debit/ui/payment/core/${stage.merchant.keys.partnerId}/`
  assert.ok(reply.webRedirectUrl.startsWith(`${stage.url}${path}`), reply.webRedirectUrl)
  const { body: told } = await stage.merchant.status({ originalPartnerReferenceNo: body.partnerReferenceNo })
  assert.equal(told.latestTransactionStatus, '02')
  assert.deepEqual(told.additionalInfo.acquirer, { id: 'CIMB' })

  const again = await debit(stage, cimb, body, { externalId })
  assert.equal(again.status, 409)
  assert.deepEqual(again.body, reply)
  const [row] = await stage.query<{ reply: string }>(
    "select reply from request_ids where external_id = $1 and service_code = '54'",
    [externalId],
  )
  assert.ok(!row?.reply.includes('/ui/payment'), 'the way to the page is sealed')
})

test('in the profile snap the same is in progress', async () => {
  const merchant = await stage.addMerchant('snap')
  const account = await keepAccount(stage, 'cimb', { merchant })
  const answer = await merchant.call(PAYMENT_PATH, aDebit(CIMB), { headers: account.headers })
  assert.equal(answer.status, 202)
  assert.equal(answer.body.responseCode, '2025400')
  assert.match(answer.body.webRedirectUrl, /\/ui\/payment\/core\//)
})

test('CIMB host to host: a wrong code, then the right one, and the money has moved', async () => {
  const body = aDebit(CIMB)
  const { partnerReferenceNo } = body
  const paid = await debit(stage, cimb, body, { headers: H2H })
  assert.equal(paid.status, 202)
  assert.equal(paid.body.responseCode, '2025400')
  assert.ok(!('webRedirectUrl' in paid.body))

  const wrong = await verify(stage, cimb, { originalPartnerReferenceNo: partnerReferenceNo, otp: WRONG_OTP })
  assert.equal(wrong.body.responseCode, '4040415')
  const same = await verify(stage, cimb, { originalPartnerReferenceNo: partnerReferenceNo, otp: WRONG_OTP })
  assert.equal(same.body.responseCode, '4040415')

  const externalId = newId()
  const right = { originalPartnerReferenceNo: partnerReferenceNo, otp: OTP }
  const done = await verify(stage, cimb, right, { externalId })
  assert.equal(done.status, 200)
  assert.deepEqual(done.body, {
    responseCode: '2000400',
    responseMessage: 'Successful',
    originalReferenceNo: paid.body.referenceNo,
  })
  assert.equal(await stateOf(stage, partnerReferenceNo), 'paid')
  const replayed = await verify(stage, cimb, right, { externalId })
  assert.equal(replayed.status, 409)
  assert.deepEqual(replayed.body, done.body)
  const late = await verify(stage, cimb, right)
  assert.equal(late.body.responseCode, '4000403')
  const [counted] = await stage.query<{ n: string }>(
    'select count(*) n from payment_attempts where reference_no = $1',
    [paid.body.referenceNo],
  )
  assert.equal(counted?.n, '2', 'a wrong code is asked about once')
})

test('five wrong codes block the payment, and it is declined', async () => {
  const account = await keepAccount(stage, 'cimb')
  const body = aDebit(CIMB)
  const { partnerReferenceNo: originalPartnerReferenceNo } = body
  await debit(stage, account, body, { headers: H2H })
  const codes = ['100001', '100002', '100003', '100004', '100005']
  const answers: string[] = []
  for (const otp of codes)
    answers.push((await verify(stage, account, { originalPartnerReferenceNo, otp })).body.responseCode)
  assert.deepEqual(answers, ['4040415', '4040415', '4040415', '4040415', '4030411'])
  assert.equal(await stateOf(stage, originalPartnerReferenceNo), 'declined')
  const { body: told } = await stage.merchant.status({ originalPartnerReferenceNo })
  assert.equal(told.latestTransactionStatus, '06')
  assert.equal(told.originalResponseCode, '4035411')
})

test('another code may be asked for, and not a moment later', async () => {
  const body = aDebit(CIMB)
  const { partnerReferenceNo: originalPartnerReferenceNo } = body
  const paid = await debit(stage, cimb, body, { headers: H2H })
  const ask = () =>
    stage.merchant.call(OTP_PATH, { originalReferenceNo: paid.body.referenceNo }, { headers: cimb.headers })
  const soon = await ask()
  assert.equal(soon.body.responseCode, '4298100')
  assert.ok(Number(soon.headers['retry-after']) > 0)
  const done = await verify(stage, cimb, { originalPartnerReferenceNo })
  assert.equal(done.body.responseCode, '2000400')
})

for (const [name, change, headers, code] of [
  ['no customer token', {}, { 'Authorization-Customer': undefined }, '4015404'],
  ['a customer token of nobody', {}, { 'Authorization-Customer': 'Bearer x.y.z' }, '4015402'],
  ['no remarks', { remarks: '' }, {}, '4005402'],
  ['remarks too long', { remarks: 'x'.repeat(41) }, {}, '4005401'],
  ['no address for success', { successPaymentUrl: null }, {}, '4005402'],
  ['an address that is a script', { successPaymentUrl: 'javascript:alert(1)' }, {}, '4005401'],
  ['an address of this network', { failedPaymentUrl: 'http://127.0.0.1/' }, {}, '4005401'],
  ['a recurring payment where none is sold', { paymentType: 'RECURRING' }, {}, '4055400'],
  ['a payment type of nobody', { paymentType: 'GIFT' }, {}, '4005401'],
] as const) {
  test(`refuses a CIMB payment with ${name}`, async () => {
    const answer = await debit(stage, cimb, aDebit(CIMB, {}, change), { headers })
    assert.equal(answer.body.responseCode, code)
  })
}

test('refuses a reference that is longer than the channel takes', async () => {
  const answer = await debit(stage, cimb, aDebit(CIMB, { partnerReferenceNo: '1234567890123' }))
  assert.equal(answer.body.responseCode, '4005401')
  assert.match(answer.body.responseMessage, /partnerReferenceNo/)
})

test('a customer of another channel is no customer of this one', async () => {
  const allo = await keepAccount(stage, 'allo')
  assert.equal((await debit(stage, allo, aDebit(CIMB))).body.responseCode, '4015402')
})

test('the codes of a payment are its own customer’s', async () => {
  const body = aDebit(CIMB)
  const { partnerReferenceNo: originalPartnerReferenceNo } = body
  await debit(stage, cimb, body, { headers: H2H })
  const other = await keepAccount(stage, 'cimb')
  const codeOf = async (...[account, changes, headers]: [KeptAccount, object, object?]) =>
    (
      await verify(
        stage,
        account,
        { originalPartnerReferenceNo, ...changes },
        headers ? { headers: { ...headers } } : {},
      )
    ).body.responseCode
  assert.equal(await codeOf(cimb, {}, { 'Authorization-Customer': undefined }), '4010404')
  assert.equal(await codeOf(other, {}), '4040418')
  assert.equal(await codeOf(cimb, { additionalInfo: { bankCardToken: other.customerToken } }), '4040418')
  assert.equal(await codeOf(cimb, { additionalInfo: { channel: 'KKI_SNAP' } }), '4040418')
  assert.equal(await codeOf(cimb, { originalPartnerReferenceNo: 'NOBODYS' }), '4040401')
  assert.equal(await codeOf(cimb, { additionalInfo: { bankCardToken: cimb.bankCardToken } }), '2000400')
})

test('a recurring payment of BRI has no page and tells the truth at once', async () => {
  const bri = await keepAccount(stage, 'bri', { phoneNo: '6281200000001' })
  const body = aDebit('DIRECT_DEBIT_BRI_SNAP', {}, { paymentType: 'RECURRING', successPaymentUrl: '' })
  const { status, body: reply } = await debit(stage, bri, body)
  assert.equal(status, 200, JSON.stringify(reply))
  assert.equal(reply.responseCode, '2005400')
  assert.equal(reply.webRedirectUrl, '')
  assert.equal(await stateOf(stage, body.partnerReferenceNo), 'paid')
})

test('a wallet opens itself, until the time that the partner names', async () => {
  const validUpTo = new Date(Date.now() + 600_000).toISOString()
  const body = {
    partnerReferenceNo: newId(),
    amount: { value: '10000.00', currency: 'IDR' },
    validUpTo,
    pointOfInitiation: 'app',
    urlParam: [{ url: 'https://www.merchant.com/back', type: 'PAY_RETURN', isDeepLink: 'N' }],
    additionalInfo: { channel: 'EMONEY_DANA_SNAP', orderTitle: 'Kopi' },
  }
  const { status, body: reply } = await stage.merchant.call(PAYMENT_PATH, body)
  assert.equal(status, 200, JSON.stringify(reply))
  assert.match(reply.webRedirectUrl, /^http/)
  assert.equal(reply.additionalInfo.webRedirectUrl, reply.webRedirectUrl)
  assert.equal(await stateOf(stage, body.partnerReferenceNo), 'waiting')
  const refused = async (change: object) =>
    (await stage.merchant.call(PAYMENT_PATH, { ...body, partnerReferenceNo: newId(), ...change })).body
      .responseCode
  assert.equal(await refused({ urlParam: [] }), '4005402')
  assert.equal(await refused({ urlParam: [{ url: 'https://a.example', type: 'OTHER' }] }), '4005401')
  assert.equal(
    await refused({ urlParam: [{ url: 'javascript:x', type: 'PAY_RETURN', isDeepLink: 'Y' }] }),
    '4005401',
  )
  assert.equal(
    await refused({ urlParam: [{ url: 'toko://back', type: 'PAY_RETURN', isDeeplink: 'Y' }] }),
    '2005400',
  )
  assert.equal(await refused({ validUpTo: '2020-01-01T00:00:00+07:00' }), '4005401')
  assert.equal(await refused({ pointOfInitiation: 'moon' }), '4005401')
})

test('Allo wants its items and a reference of 32 characters', async () => {
  const allo = await keepAccount(stage, 'allo')
  const lineItems = [{ name: 'Kopi', price: '10000.00', quantity: '1' }]
  const codeOf = async (changes: object, info: object) =>
    (await debit(stage, allo, aDebit('DIRECT_DEBIT_ALLO_SNAP', changes, info))).body.responseCode
  const partnerReferenceNo = `A${newId()}`.padEnd(32, '0')
  assert.equal(await codeOf({ partnerReferenceNo }, {}), '4005402')
  assert.equal(await codeOf({ partnerReferenceNo }, { lineItems: [] }), '4005402')
  assert.equal(await codeOf({}, { lineItems }), '4005401')
  assert.equal(await codeOf({ partnerReferenceNo }, { lineItems }), '2005400')
})

test('OVO wants to know how its customer pays', async () => {
  const ovo = await keepAccount(stage, 'ovo')
  const pay = (payOptionDetails: unknown) =>
    debit(stage, ovo, aDebit('EMONEY_OVO_SNAP', { payOptionDetails }))
  assert.equal((await pay(undefined)).body.responseCode, '4005402')
  assert.equal(
    (await pay([{ payMethod: 'CASH', transAmount: { value: '10000.00' } }])).body.responseCode,
    '2005400',
  )
})

test('a customer’s token with and without its prefix, and members with nothing in them, are taken', async () => {
  for (const prefix of ['', 'Bearer ', 'bearer ']) {
    const body = aDebit(
      CIMB,
      { chargeToken: '', feeType: null, payOptionDetails: [], urlParam: [] },
      { customer: [] },
    )
    const headers = { 'Authorization-Customer': `${prefix}${cimb.customerToken}` }
    assert.equal((await debit(stage, cimb, body, { headers })).body.responseCode, '2005400')
  }
})

test('the same request again is the same payment, and another customer’s is not', async () => {
  const other = await keepAccount(stage, 'cimb')
  const body = aDebit(CIMB)
  const externalId = newId()
  const first = await debit(stage, cimb, body, { externalId })
  assert.equal((await debit(stage, other, body, { externalId })).body.responseCode, '4095400')
  assert.equal((await debit(stage, cimb, body)).body.responseCode, '4095401')
  assert.equal((await debit(stage, other, body)).body.responseCode, '4045418')
  assert.deepEqual((await debit(stage, cimb, body, { externalId })).body, first.body)
})

test('a payment that its customer let pass is declined when the bank says so', async () => {
  const body = aDebit(CIMB)
  const { partnerReferenceNo } = body
  await debit(stage, cimb, body, { headers: H2H })
  await stage.query(
    `update payments set particulars = jsonb_set(particulars::jsonb, '{visiting,confirmBy}', '"2020-01-01T00:00:00+07:00"')::json
      where partner_reference_no = $1`,
    [partnerReferenceNo],
  )
  const late = await verify(stage, cimb, { originalPartnerReferenceNo: partnerReferenceNo })
  assert.equal(late.body.responseCode, '4030400')
  assert.equal(await stateOf(stage, partnerReferenceNo), 'waiting', 'the bank has not said so')
})

test('no code, PIN or token of a customer is in the log or in the database', async () => {
  const text = stage.logged.join('\n')
  for (const secret of [cimb.customerToken, cimb.bankCardToken, '"111000"'])
    assert.ok(!text.includes(secret), 'the log holds a secret')
  const rows = await stage.query<{ row: string }>(
    `select row_to_json(t)::text as row from payment_attempts t union all select row_to_json(t)::text from payment_steps t
     union all select row_to_json(t)::text from outbox t union all select row_to_json(t)::text from request_ids t`,
  )
  const kept = rows.map(({ row }) => row).join('\n')
  for (const secret of [cimb.customerToken, '111000', '/ui/payment/core/'])
    assert.ok(!kept.includes(secret), secret)
})
