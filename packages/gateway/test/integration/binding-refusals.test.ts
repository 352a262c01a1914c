import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  aBinding,
  aCardNumber,
  BIND_PATH,
  bind,
  bound,
  cardDataOf,
  codeOf,
  H2H,
  messagesOf,
  newCard,
  OTP_PATH,
  resend,
  rowOf,
  VERIFY_PATH,
  verify,
} from '../card-customer.ts'
import { control } from '../fault/books.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const SECRET = 'secret-of-somebody-else'

async function rows(): Promise<number> {
  const [row] = await stage.query<{ rows: number }>(
    `select ((select count(*) from bindings) + (select count(*) from request_ids)
             + (select count(*) from outbox))::int as rows`,
  )
  return row?.rows ?? -1
}

test('whatever is wrong with cardData has one answer, and leaves nothing behind', async () => {
  const { clientSecret } = stage.merchant.keys
  const sound = cardDataOf({ bankCardNo: aCardNumber() }, clientSecret)
  const [cipher = '', iv = ''] = sound.split('|')
  const flipped = `${cipher.slice(0, -6)}${cipher.at(-6) === 'A' ? 'B' : 'A'}${cipher.slice(-5)}|${iv}`
  const before = await rows()
  for (const [what, cardData] of Object.entries({
    'another key': cardDataOf({ bankCardNo: aCardNumber() }, SECRET),
    'a flipped bit': flipped,
    'no IV': cipher,
    'a short IV': `${cipher}|${Buffer.alloc(15).toString('base64')}`,
    'no card in it': cardDataOf({ bankCardType: 'C' }, clientSecret),
    'a list': cardDataOf([aCardNumber()], clientSecret),
    'no base64': 'hello',
  })) {
    const answer = await bind(stage.merchant, { cardNumber: aCardNumber(), body: { cardData } })
    assert.deepEqual(
      [answer.status, answer.body],
      [401, { responseCode: '4010100', responseMessage: 'Unauthorized. Card Data' }],
      what,
    )
  }
  assert.equal(await rows(), before)
})

test('the signature is checked before cardData is opened', async () => {
  const answer = await bind(
    stage.merchant,
    { cardNumber: aCardNumber(), body: { cardData: 'hello' } },
    { headers: { 'X-SIGNATURE': 'wrong' } },
  )
  assert.equal(answer.body.responseMessage, 'Unauthorized. Invalid Signature')
})

const BAD_BODIES: readonly (readonly [
  what: string,
  body: object,
  card: object,
  code: string,
  field: string,
])[] = [
  ['no cardData', { cardData: undefined }, {}, '4000102', 'cardData'],
  ['no customer', { custIdMerchant: undefined }, {}, '4000102', 'custIdMerchant'],
  ['an empty customer', { custIdMerchant: '' }, {}, '4000102', 'custIdMerchant'],
  ['a customer with a sign', { custIdMerchant: 'BUDI-1' }, {}, '4000101', 'custIdMerchant'],
  ['a number that is no mobile', { phoneNo: '0215551234' }, {}, '4000101', 'phoneNo'],
  ['a card of another scheme', {}, { bankCardNo: '4111111111111111' }, '4000101', 'cardData'],
  ['a card with a letter', {}, { bankCardNo: '936000020000200000X' }, '4000101', 'cardData'],
  ['a card too short', {}, { bankCardNo: '936000020000200' }, '4000101', 'cardData'],
  ['a one-time token too short', {}, { otp: '1234' }, '4000101', 'cardData'],
  [
    'an unknown channel',
    { additionalInfo: { channel: 'DIRECT_DEBIT_BRI_SNAP' } },
    {},
    '4000101',
    'additionalInfo.channel',
  ],
  [
    'no channel, and a card that tells none',
    { additionalInfo: undefined },
    { bankCardNo: '4111111111111111' },
    '4000102',
    'additionalInfo.channel',
  ],
]
for (const [what, body, card, code, field] of BAD_BODIES)
  test(`a binding with ${what} is refused by name`, async () => {
    const answer = await bind(stage.merchant, { cardNumber: aCardNumber(), body, card })
    assert.equal(answer.body.responseCode, code, answer.text)
    assert.ok(answer.body.responseMessage.endsWith(` ${field}`), answer.body.responseMessage)
  })

const BAD_URLS = [
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  'data:text/html,x',
  'ftp://shop.example/',
  'https://bank.example@shop.example/',
  'http://localhost/x',
  'localhost:8080/x',
  'http://127.0.0.1/',
  'http://0x7f000001/',
  'https://10.1.2.3/',
  'https://192.168.1.1/',
  'https://169.254.169.254/latest',
  'http://[::1]/',
  'http://[::ffff:10.0.0.1]/',
  'http://[fd00::1]/',
  'https://intranet/',
  'https://db.internal/',
  'https://',
]
for (const url of BAD_URLS)
  test(`nobody is sent back to ${url}`, async () => {
    for (const member of ['successRegistrationUrl', 'failedRegistrationUrl']) {
      const answer = await bind(stage.merchant, {
        cardNumber: aCardNumber(),
        body: { additionalInfo: { [member]: url } },
      })
      assert.equal(answer.body.responseMessage, `Invalid Field Format additionalInfo.${member}`)
    }
  })

test('an address without a scheme is https; in demo mode a private one will do', async () => {
  const shop = {
    additionalInfo: { successRegistrationUrl: 'shop.example/ok?x=1', failedRegistrationUrl: '//a.example' },
  }
  const { referenceNo } = await bound(stage, { body: shop })
  const [row] = await stage.query('select success_url, failed_url from bindings where reference_no = $1', [
    referenceNo,
  ])
  assert.deepEqual(row, { success_url: 'https://shop.example/ok?x=1', failed_url: 'https://a.example/' })
  const demo = await stage.openAnother({}, { GERBANG_MODE: 'demo' })
  const near = { additionalInfo: { successRegistrationUrl: 'http://localhost:3000/ok' } }
  const wish = { cardNumber: await newCard(stage), body: near }
  const answer = await bind(stage.merchant, wish, { baseUrl: demo.url })
  assert.equal(answer.body.responseCode, '2000100', answer.text)
})

/** What the network says, by the telephone number of the simulator's rule, and what the partner is told. */
const DECLINES: readonly (readonly [snapCase: string, code: string])[] = [
  ['40307', '4030107'],
  ['40308', '4030108'],
  ['40305', '4030105'],
  ['40315', '4030115'],
  ['40411', '4040111'],
  ['40409', '4040109'],
  ['40408', '4040108'],
  ['40405', '4040105'],
]
for (const [snapCase, code] of DECLINES)
  test(`a card that the network refuses with ${snapCase} is answered ${code} and forgotten`, async () => {
    const answer = await bind(stage.merchant, {
      cardNumber: await newCard(stage),
      body: { phoneNo: `62800000${snapCase}`, partnerReferenceNo: `DECLINE-${snapCase}` },
    })
    assert.equal(answer.body.responseCode, code, answer.text)
    assert.deepEqual(Object.keys(answer.body), ['responseCode', 'responseMessage'])
    const [row] = await stage.query(
      'select state, card_sealed from bindings where partner_reference_no = $1',
      [`DECLINE-${snapCase}`],
    )
    assert.deepEqual(row, { state: 'failed', card_sealed: null })
  })

test('a card that is kept for the customer already is a duplicate, for another customer it is none', async () => {
  const cardNumber = await newCard(stage)
  const { referenceNo } = await bound(stage, { cardNumber, custIdMerchant: 'ONE' })
  await verify(stage.merchant, referenceNo, await codeOf(stage, referenceNo))
  const again = await bind(stage.merchant, { cardNumber, custIdMerchant: 'ONE' })
  assert.equal(again.body.responseCode, '4090101')
  const other = await bind(stage.merchant, { cardNumber, custIdMerchant: 'TWO' })
  assert.equal(other.body.responseCode, '2000100')
})

test('a card that is being unbound is inactive, for whichever customer', async () => {
  const cardNumber = await newCard(stage)
  const { referenceNo } = await bound(stage, { cardNumber, custIdMerchant: 'ONE' })
  const { body } = await verify(stage.merchant, referenceNo, await codeOf(stage, referenceNo))
  await stage.query("update card_tokens set state = 'unbinding' where bank_card_token = $1", [
    body.bankCardToken,
  ])
  for (const custIdMerchant of ['ONE', 'TWO']) {
    const answer = await bind(stage.merchant, { cardNumber, custIdMerchant })
    assert.equal(answer.body.responseCode, '4030118', custIdMerchant)
  }
})

test('a customer may begin anew: the binding before is called off, here and at the network', async () => {
  const first = await bound(stage, { custIdMerchant: 'ANEW' })
  const right = await codeOf(stage, first.referenceNo)
  const second = await bound(stage, { cardNumber: first.cardNumber, custIdMerchant: 'ANEW' })
  assert.equal((await rowOf(stage, first.referenceNo)).state, 'cancelled')
  assert.equal((await verify(stage.merchant, first.referenceNo, right)).body.responseCode, '4040404')
  const done = await verify(stage.merchant, second.referenceNo, await codeOf(stage, second.referenceNo))
  assert.equal(done.body.responseCode, '2000400')
})

test('a partner reference is used once, and again after a failure', async () => {
  const cardNumber = await newCard(stage)
  const wish = (custIdMerchant: string) => ({
    cardNumber,
    custIdMerchant,
    body: { partnerReferenceNo: 'REFERENCE-ONCE' },
  })
  const { referenceNo } = await bound(stage, wish('ONE'))
  assert.equal((await bind(stage.merchant, wish('ONE'))).body.responseCode, '4090101')
  assert.equal((await bind(stage.merchant, wish('TWO'))).body.responseCode, '4040118')
  await verify(stage.merchant, referenceNo, '222002')
  assert.equal((await rowOf(stage, referenceNo)).state, 'blocked')
  assert.equal((await bind(stage.merchant, wish('ONE'))).body.responseCode, '2000100')
})

test('twenty requests of one reference at once make one binding', async () => {
  const wish = {
    cardNumber: await newCard(stage),
    custIdMerchant: 'RACE',
    body: { partnerReferenceNo: 'RACE-1' },
  }
  const answers = await Promise.all(Array.from({ length: 20 }, () => bind(stage.merchant, wish)))
  const codes = answers.map(({ body }) => body.responseCode).sort()
  assert.deepEqual(codes, ['2000100', ...Array.from({ length: 19 }, () => '4090101')])
})

test('ten requests for one card and customer at once leave one binding open', async () => {
  const wish = { cardNumber: await newCard(stage), custIdMerchant: 'RACE' }
  const answers = await Promise.all(Array.from({ length: 10 }, () => bind(stage.merchant, wish)))
  const codes = new Set(answers.map(({ body }) => body.responseCode))
  assert.ok(
    [...codes].every((code) => ['2000100', '4040104'].includes(code)),
    [...codes].join(),
  )
  const open = await stage.query<{ reference_no: string }>(
    "select reference_no from bindings where cust_id_merchant = 'RACE' and partner_reference_no is null and settled_at is null",
  )
  assert.equal(open.length, 1)
})

const OTHER_ACTIONS = [
  [{ action: 'otpPayment' }, '4010404'],
  [{ type: 'PAYMENT' }, '4010404'],
  [{ action: 'dance' }, '4000401'],
  [{ action: 'otpLinkage' }, '2000400'],
  [{ type: 'linkage' }, '2000400'],
] as const
for (const [words, code] of OTHER_ACTIONS)
  test(`a verification with ${JSON.stringify(words)} is answered ${code}`, async () => {
    const { referenceNo } = await bound(stage)
    const body = { otp: await codeOf(stage, referenceNo), originalReferenceNo: referenceNo, ...words }
    assert.equal((await stage.merchant.call(VERIFY_PATH, body)).body.responseCode, code)
  })

test('nobody sees the binding of another partner, or one that there is not', async () => {
  const { referenceNo } = await bound(stage)
  const stranger = await stage.addMerchant()
  assert.equal((await verify(stranger, referenceNo, '111000')).body.responseCode, '4040401')
  assert.equal((await resend(stranger, referenceNo)).body.responseCode, '4048107')
  assert.equal((await verify(stage.merchant, '1'.repeat(32), '111000')).body.responseCode, '4040401')
  const nameless = await stage.merchant.call(VERIFY_PATH, { otp: '111000' })
  assert.equal(nameless.body.responseCode, '4000402')
  const channel = { channel: 'EMONEY_OVO_SNAP' }
  const body = { otp: '111000', originalReferenceNo: referenceNo, additionalInfo: channel }
  assert.equal((await stage.merchant.call(VERIFY_PATH, body)).body.responseCode, '4000401')
})

test('another code is refused within a minute, and says how long to wait', async () => {
  const { referenceNo } = await bound(stage)
  const answer = await resend(stage.merchant, referenceNo)
  assert.equal(answer.body.responseCode, '4298100')
  const seconds = Number(answer.headers['retry-after'])
  assert.ok(seconds > 50 && seconds <= 60, String(seconds))
  assert.equal((await messagesOf(stage, referenceNo)).length, 1)
})

test('another code is refused when none is waited for', async () => {
  const { referenceNo } = await bound(stage)
  await verify(stage.merchant, referenceNo, await codeOf(stage, referenceNo))
  assert.equal((await resend(stage.merchant, referenceNo)).body.responseCode, '4048100')
  assert.equal((await stage.merchant.call(OTP_PATH, {})).body.responseCode, '4008102')
})

test('a used external id comes before whatever else is wrong', async () => {
  const externalId = newId()
  const { referenceNo } = await bound(stage, {}, { externalId })
  const wrong = { ...aBinding(stage.merchant, { cardNumber: aCardNumber() }), cardData: 'hello' }
  for (const body of [wrong, { ...wrong, custIdMerchant: '-' }]) {
    const answer = await stage.merchant.call(BIND_PATH, body, { externalId, headers: H2H })
    assert.equal(answer.body.responseCode, '4090100')
  }
  // Unique per service: the same id is free for another operation.
  const answer = await verify(stage.merchant, referenceNo, await codeOf(stage, referenceNo), { externalId })
  assert.equal(answer.body.responseCode, '2000400')
})

test('a network that gives no card back to keep is no success', async () => {
  await control(stage, 'next', { fault: 'garbage', match: { operation: 'verification' } })
  const { referenceNo } = await bound(stage)
  const answer = await verify(stage.merchant, referenceNo, await codeOf(stage, referenceNo))
  assert.deepEqual([answer.status, answer.body.responseCode], [202, '2020400'])
  assert.equal(answer.body.bankCardToken, undefined)
})
