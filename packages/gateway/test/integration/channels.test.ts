import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { aPayment } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

async function rowCount(): Promise<number> {
  const [row] = await stage.query<{ rows: number }>(
    `select ((select count(*) from payments) + (select count(*) from request_ids)
             + (select count(*) from outbox))::int as rows`,
  )
  return row?.rows ?? -1
}

const NAMES = [
  'KARTU_KREDIT_INDONESIA_SNAP',
  'KARTU_KREDIT_INDONESIA',
  'DIRECT_DEBIT_KKI_SNAP',
  'KKI_SNAP',
  'CREDIT_CARD_KKI_SNAP',
]
for (const name of NAMES)
  test(`the channel ${name} is Kartu Kredit Indonesia in upper, lower and mixed case`, async () => {
    for (const channel of [name, name.toLowerCase(), `${name.slice(0, 2)}${name.slice(2).toLowerCase()}`]) {
      const answer = await stage.merchant.pay({ additionalInfo: { channel } })
      assert.equal(answer.status, 200, channel)
      const [row] = await stage.query<{ channel: string }>(
        'select channel from payments where reference_no = $1',
        [answer.body.referenceNo],
      )
      assert.equal(row?.channel, 'KARTU_KREDIT_INDONESIA_SNAP')
    }
  })

for (const additionalInfo of [undefined, null, {}, { channel: '' }, { channel: null }])
  test(`with additionalInfo ${JSON.stringify(additionalInfo)} the card number tells the channel`, async () => {
    assert.equal((await stage.merchant.pay({ additionalInfo } as object)).status, 200)
  })

const REFUSED: [kind: string, change: object, code: string, message: string][] = [
  [
    'an unknown channel',
    { additionalInfo: { channel: 'DIRECT_DEBIT_CIMB_SNAP' } },
    '4005401',
    'Invalid Field Format additionalInfo.channel',
  ],
  [
    'a channel with a blank',
    { additionalInfo: { channel: ' KKI_SNAP' } },
    '4005401',
    'Invalid Field Format additionalInfo.channel',
  ],
  [
    'a channel that is a number',
    { additionalInfo: { channel: 1 } },
    '4005401',
    'Invalid Field Format additionalInfo.channel',
  ],
  [
    'additionalInfo that is a list',
    { additionalInfo: ['KKI_SNAP'] },
    '4005401',
    'Invalid Field Format additionalInfo',
  ],
  [
    'a kept card that nobody has (V3)',
    { chargeToken: undefined, otp: undefined, bankCardToken: 'a'.repeat(32) },
    '4045411',
    'Invalid Card/Account/Customer/Virtual Account',
  ],
  [
    'a recurring payment with a kept card that nobody has (V4)',
    {
      chargeToken: undefined,
      otp: undefined,
      bankCardToken: 'a'.repeat(32),
      additionalInfo: { paymentType: 'RECURRING' },
    },
    '4045411',
    'Invalid Card/Account/Customer/Virtual Account',
  ],
  ['an amount of nought', { amount: { value: '0.00', currency: 'IDR' } }, '4045413', 'Invalid Amount'],
  ['no amount', { amount: undefined }, '4005402', 'Invalid Mandatory Field amount'],
  ['an amount that is null', { amount: null }, '4005402', 'Invalid Mandatory Field amount'],
  [
    'an empty value',
    { amount: { value: '', currency: 'IDR' } },
    '4005402',
    'Invalid Mandatory Field amount.value',
  ],
  [
    'no currency',
    { amount: { value: '10000.00', currency: null } },
    '4005402',
    'Invalid Mandatory Field amount.currency',
  ],
  [
    'another currency',
    { amount: { value: '10000.00', currency: 'USD' } },
    '4005401',
    'Invalid Field Format amount.currency',
  ],
  ['an empty reference', { partnerReferenceNo: '' }, '4005402', 'Invalid Mandatory Field partnerReferenceNo'],
  ['an empty card number', { chargeToken: '' }, '4005402', 'Invalid Mandatory Field chargeToken'],
  ['an empty one-time token', { otp: '' }, '4005402', 'Invalid Mandatory Field otp'],
  ['a one-time token of null', { otp: null }, '4005402', 'Invalid Mandatory Field otp'],
  ['six digits', { otp: '123456' }, '4005401', 'Invalid Field Format otp'],
  [
    'a card of another scheme',
    { chargeToken: '4111111111111111' },
    '4005401',
    'Invalid Field Format chargeToken',
  ],
]
for (const value of [
  '10000',
  '10000.0',
  '10000.000',
  '-1.00',
  '1e5',
  '10,000.00',
  ' 1.00',
  '٣.00',
  '12345678901234567.00',
])
  REFUSED.push([
    `the amount ${value}`,
    { amount: { value, currency: 'IDR' } },
    '4005401',
    'Invalid Field Format amount.value',
  ])

for (const [kind, change, responseCode, responseMessage] of REFUSED)
  test(`${kind} is answered with ${responseCode} and leaves no row`, async () => {
    const before = await rowCount()
    const { status, body } = await stage.merchant.pay(change)
    assert.equal(status, Number(responseCode.slice(0, 3)))
    assert.deepEqual(body, { responseCode, responseMessage })
    assert.equal(await rowCount(), before)
  })

test('unknown members and empty ones of client libraries are ignored', async () => {
  const body = {
    ...aPayment(),
    bankCardToken: '',
    isBindAndPay: '',
    urlParam: null,
    additionalInfo: {
      channel: 'KKI_SNAP',
      paymentType: '',
      remarks: null,
      origin: { product: 'SDK', source: 'Go', system: '' },
    },
  }
  assert.equal((await stage.merchant.pay(body)).status, 200)
})

test('the smallest and the largest amount are booked to the last sen', async () => {
  for (const [value, minor] of [
    ['0.01', '1'],
    ['9999999999999999.99', '999999999999999999'],
  ]) {
    const { body, status } = await stage.merchant.pay({ amount: { value: value ?? '', currency: 'IDR' } })
    const [row] = await stage.query<{ amount_minor: string }>(
      'select amount_minor from payments where partner_id = $1 order by created_at desc limit 1',
      [stage.merchant.keys.partnerId],
    )
    assert.equal(row?.amount_minor, minor)
    assert.ok(status === 200 || body.responseCode === '4035414', JSON.stringify(body))
  }
})
