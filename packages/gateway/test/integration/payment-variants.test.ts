import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { aPayment, CARD, type Merchant, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage({ env: { GERBANG_NETWORK_TIMEOUT_MS: '700', GERBANG_LONGEST_PAUSE_MS: '200' } })
})
after(() => stage.close())

const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
const amount = { value: '10000.00', currency: 'IDR' }

/** V2, and the token that its status tells. */
async function keepCard(merchant: Merchant, changes: object = {}): Promise<string> {
  const body = aPayment({ additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' }, ...changes })
  const paid = await merchant.call(PAYMENT_PATH, body)
  assert.equal(paid.body.responseCode, '2005400')
  const status = await merchant.status({ originalPartnerReferenceNo: body.partnerReferenceNo })
  return status.body.additionalInfo.bankCardToken as string
}

function withToken(bankCardToken: string, changes: object = {}) {
  return { partnerReferenceNo: `INV-${newId()}`, bankCardToken, amount, ...changes }
}

const RECURRING = { additionalInfo: { channel: CHANNEL, paymentType: 'RECURRING' } }

test('a payment that keeps its card tells the token by status and not in its reply', async () => {
  const body = aPayment({ additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } })
  const paid = await stage.merchant.call(PAYMENT_PATH, body)
  assert.deepEqual(Object.keys(paid.body), [
    'responseCode',
    'responseMessage',
    'referenceNo',
    'partnerReferenceNo',
  ])
  const status = await stage.merchant.status({ originalPartnerReferenceNo: body.partnerReferenceNo })
  assert.equal(status.body.latestTransactionStatus, '00')
  assert.match(status.body.additionalInfo.bankCardToken, /^[0-9a-f]{32}$/)
  assert.equal(status.body.additionalInfo.bindStatus, 'SUCCESS')
})

test('a card that is kept twice keeps its token', async () => {
  const merchant = await stage.addMerchant()
  assert.equal(await keepCard(merchant), await keepCard(merchant))
})

test('two partners that keep the same card have different tokens', async () => {
  const [one, other] = [await stage.addMerchant(), await stage.addMerchant()]
  assert.notEqual(await keepCard(one), await keepCard(other))
})

test('a cardholder who pays and refuses to be linked has paid, and the partner has no token', async () => {
  const body = aPayment({ otp: '70000000', additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } })
  const paid = await stage.merchant.call(PAYMENT_PATH, body)
  assert.equal(paid.body.responseCode, '2005400')
  const status = await stage.merchant.status({ originalPartnerReferenceNo: body.partnerReferenceNo })
  assert.equal(status.body.latestTransactionStatus, '00')
  assert.equal(status.body.additionalInfo.bindStatus, 'FAILED')
  assert.equal(status.body.additionalInfo.bankCardToken, undefined)
})

for (const [otp, silence] of [
  ['10000001', 'who confirms a moment later'],
  ['40000001', 'behind a network that keeps silent first'],
] as const)
  test(`a cardholder ${silence} is linked when the payment is settled`, async () => {
    const merchant = await stage.addMerchant()
    const body = aPayment({ otp, additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } })
    assert.equal((await merchant.call(PAYMENT_PATH, body)).status, 202)
    const status = await merchant.waitFor(body.partnerReferenceNo, '00')
    assert.match(status.body.additionalInfo.bankCardToken, /^[0-9a-f]{32}$/)
    const again = await merchant.call(PAYMENT_PATH, withToken(status.body.additionalInfo.bankCardToken))
    assert.equal(again.body.responseCode, '2005400')
  })

test('a declined payment that was to keep its card keeps none', async () => {
  const merchant = await stage.addMerchant()
  const body = aPayment({ otp: '99940314', additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } })
  assert.equal((await merchant.call(PAYMENT_PATH, body)).body.responseCode, '4035414')
  const { partnerId } = merchant.keys
  assert.deepEqual(await stage.query('select 1 from card_tokens where partner_id = $1', [partnerId]), [])
})

for (const [title, more] of [
  ['with a kept card', {}],
  ['with a kept card and its channel', { additionalInfo: { channel: CHANNEL } }],
  ['with a kept card and the number of the same card', { chargeToken: CARD }],
  ['with a kept card and a one-time token', { otp: '12345678' }],
  ['without the cardholder', RECURRING],
  ['without the cardholder, whose one-time token then says nothing', { ...RECURRING, otp: '99940314' }],
] as const)
  test(`a payment ${title} is paid, and the network knows of it once`, async () => {
    const bankCardToken = await keepCard(stage.merchant)
    const body = withToken(bankCardToken, more)
    const externalId = newId()
    const paid = await stage.merchant.call(PAYMENT_PATH, body, { externalId })
    assert.equal(paid.body.responseCode, '2005400', paid.text)
    const replay = await stage.merchant.call(PAYMENT_PATH, body, { externalId })
    assert.equal(replay.status, 409)
    assert.equal(replay.text, paid.text)
    const [row] = await stage.query<{ bank_card_token: string; card_sealed: string | null }>(
      'select bank_card_token, card_sealed from payments where partner_reference_no = $1',
      [body.partnerReferenceNo],
    )
    assert.deepEqual(row, { bank_card_token: bankCardToken, card_sealed: null })
    const status = await stage.merchant.status({ originalPartnerReferenceNo: body.partnerReferenceNo })
    assert.equal(status.body.additionalInfo.bankCardToken, undefined)
  })

test('a one-time token of a payment with a kept card decides what the cardholder does', async () => {
  const bankCardToken = await keepCard(stage.merchant)
  const refused = await stage.merchant.call(PAYMENT_PATH, withToken(bankCardToken, { otp: '99940314' }))
  assert.equal(refused.body.responseCode, '4035414')
})

test('a kept card carries the behaviour of its number into every payment with it', async () => {
  // The card without a fault in the payment's own step: the amount decides.
  const bankCardToken = await keepCard(stage.merchant)
  const body = withToken(bankCardToken, { amount: { ...amount, value: '940314.00' } })
  assert.equal((await stage.merchant.call(PAYMENT_PATH, body)).body.responseCode, '4035414')
})

interface Refusal {
  readonly title: string
  readonly code: string
  readonly body: (bankCardToken: string) => object
}

const REFUSALS: readonly Refusal[] = [
  {
    title: 'a token that nobody issued',
    code: '4045411',
    body: () => withToken('0'.repeat(32)),
  },
  {
    title: 'a token that is none of ours',
    code: '4045411',
    body: () => withToken('TOKEN-KKI-ABC123XYZ'),
  },
  {
    title: 'a token beside the number of another card',
    code: '4045418',
    body: (token) => withToken(token, { chargeToken: '9360000200000200001' }),
  },
  {
    title: 'a token and the wish to keep the card',
    code: '4005401',
    body: (token) => withToken(token, { additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } }),
  },
  {
    title: 'a recurring payment without a token',
    code: '4005402',
    body: () => aPayment(RECURRING),
  },
  {
    title: 'a payment without card and token',
    code: '4005402',
    body: () => ({ partnerReferenceNo: newId(), amount, additionalInfo: { channel: CHANNEL } }),
  },
  {
    title: 'a card without its one-time token',
    code: '4005402',
    body: () => aPayment({ otp: undefined }),
  },
]

for (const { title, code, body } of REFUSALS)
  test(`${title} is refused with ${code}, and leaves no row`, async () => {
    const bankCardToken = await keepCard(stage.merchant)
    const request = body(bankCardToken) as { partnerReferenceNo: string }
    const refused = await stage.merchant.call(PAYMENT_PATH, request)
    assert.equal(refused.body.responseCode, code, refused.text)
    const rows = await stage.query('select 1 from payments where partner_reference_no = $1', [
      request.partnerReferenceNo,
    ])
    assert.deepEqual(rows, [])
  })

test('the fields that a refusal names are the ones that are missing or in the way', async () => {
  const token = await keepCard(stage.merchant)
  const messages = await Promise.all(
    [
      withToken(token, { additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } }),
      aPayment(RECURRING),
      aPayment({ chargeToken: undefined }),
      aPayment({ otp: undefined }),
    ].map(async (body) => (await stage.merchant.call(PAYMENT_PATH, body)).body.responseMessage),
  )
  assert.deepEqual(messages, [
    'Invalid Field Format additionalInfo.isBindAndPay',
    'Invalid Mandatory Field bankCardToken',
    'Invalid Mandatory Field chargeToken',
    'Invalid Mandatory Field otp',
  ])
})

test('the token of one partner is unknown to every other', async () => {
  const bankCardToken = await keepCard(stage.merchant)
  const stranger = await stage.addMerchant()
  const refused = await stranger.call(PAYMENT_PATH, withToken(bankCardToken))
  assert.equal(refused.body.responseCode, '4045411')
})

test('a card that is being unbound is charged no more', async () => {
  const merchant = await stage.addMerchant()
  const bankCardToken = await keepCard(merchant)
  await stage.query(`update card_tokens set state = 'unbinding' where bank_card_token = $1`, [bankCardToken])
  for (const more of [{}, RECURRING]) {
    const refused = await merchant.call(PAYMENT_PATH, withToken(bankCardToken, more))
    assert.equal(refused.body.responseCode, '4035418')
  }
})

test('a reference that was paid with a card is inconsistent with one that is to keep it', async () => {
  const body = aPayment()
  assert.equal((await stage.merchant.call(PAYMENT_PATH, body)).status, 200)
  const other = { ...body, additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } }
  assert.equal((await stage.merchant.call(PAYMENT_PATH, other)).body.responseCode, '4045418')
  assert.equal((await stage.merchant.call(PAYMENT_PATH, body)).body.responseCode, '4095401')
})

test('a hundred identical payments with a kept card at once make one', async () => {
  const bankCardToken = await keepCard(stage.merchant)
  const body = withToken(bankCardToken, RECURRING)
  const externalId = newId()
  const call = () => stage.merchant.call(PAYMENT_PATH, body, { externalId })
  const answers = await Promise.all(Array.from({ length: 100 }, call))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  for (const { status } of answers) assert.ok(status === 200 || status === 409)
  const rows = await stage.query('select 1 from payments where partner_reference_no = $1', [
    body.partnerReferenceNo,
  ])
  assert.equal(rows.length, 1)
})

test('cards, kept cards and mistakes in one batch each get their own answer', async () => {
  const bankCardToken = await keepCard(stage.merchant)
  const bodies = [
    aPayment(),
    withToken(bankCardToken),
    withToken('f'.repeat(32)),
    withToken(bankCardToken, RECURRING),
    aPayment({ additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } }),
    withToken(bankCardToken, { chargeToken: '9360000200000200001' }),
  ]
  const answers = await Promise.all(bodies.map((body) => stage.merchant.call(PAYMENT_PATH, body)))
  assert.deepEqual(
    answers.map(({ body }) => body.responseCode),
    ['2005400', '2005400', '4045411', '2005400', '2005400', '4045418'],
  )
})

test('what a partner sent to be told again is kept, without a card number in a free text', async () => {
  const body = aPayment({
    additionalInfo: {
      channel: CHANNEL,
      customer: { customerId: 'CUST001' },
      lineItems: [{ name: `Kopi ${CARD}`, price: '10000.00', quantity: '1' }],
      override_notification_url: 'https://toko.example/v1.0/debit/notify',
    },
  })
  await stage.merchant.call(PAYMENT_PATH, body, { headers: { 'X-IP-ADDRESS': '10.0.0.7' } })
  const [row] = await stage.query<{ particulars: object }>(
    'select particulars from payments where partner_reference_no = $1',
    [body.partnerReferenceNo],
  )
  assert.deepEqual(row?.particulars, {
    custIdMerchant: 'CUST001',
    lineItems: [{ name: 'Kopi 9360[masked]', price: '10000.00', quantity: '1' }],
    ipAddress: '10.0.0.7',
    notificationUrl: 'https://toko.example/v1.0/debit/notify',
  })
})
