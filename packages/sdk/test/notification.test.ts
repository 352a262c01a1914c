import assert from 'node:assert/strict'
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { test } from 'node:test'
import { inspect } from 'node:util'
import {
  acknowledge,
  NotificationError,
  RawBodyError,
  signForTest,
  ValidationError,
  verifyNotification,
} from '../src/index.ts'
import { GATEWAY_PRIVATE_KEY, KEYS } from './notification-keys.ts'

const URL_PATH = '/snap/notify?shop=1'
const NOW = Date.parse('2026-11-21T03:00:00Z')
const AT_NOW = { ...KEYS, clock: () => NOW }

const PAID = {
  originalPartnerReferenceNo: 'INV-1',
  originalReferenceNo: 'REF-1',
  originalExternalId: 'E-1',
  latestTransactionStatus: '00',
  transactionStatusDesc: 'Success',
  amount: { value: '10000.00', currency: 'IDR' },
  additionalInfo: {
    channel: 'KARTU_KREDIT_INDONESIA_SNAP',
    custIdMerchant: 'CUST001',
    bankCardToken: 'a'.repeat(32),
    bindStatus: 'SUCCESS',
  },
} as const

const BOUND = {
  originalExternalId: 'E-2',
  additionalInfo: {
    status: 'SUCCESS',
    custIdMerchant: 'CUST001',
    authCode: '2238',
    bankCardToken: 'b'.repeat(32),
  },
} as const

const signed = (body: object = PAID) => signForTest(AT_NOW, { url: URL_PATH, body: { ...body } })
const signedByGateway = (body: object = PAID) =>
  signForTest(AT_NOW, { url: URL_PATH, body: { ...body }, gatewayPrivateKey: GATEWAY_PRIVATE_KEY })

function refusalOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof NotificationError, String(error))
    assert.equal(error.responseCode.slice(0, 3), String(error.httpStatus))
    return error.responseCode
  }
  assert.fail('it was believed')
}

test('the customer whom a notification names is told apart from its news, and is shown in no print of it', () => {
  const customerToken = `eyJ${'x'.repeat(40)}`
  for (const sample of [
    signForTest(AT_NOW, { url: URL_PATH, body: PAID, customerToken }),
    signForTest(AT_NOW, { url: URL_PATH, body: PAID, customerToken, gatewayPrivateKey: GATEWAY_PRIVATE_KEY }),
  ]) {
    assert.equal(sample.headers['authorization-customer'], `Bearer ${customerToken}`)
    const notification = verifyNotification(sample, AT_NOW)
    assert.ok(notification.type === 'payment')
    assert.equal(notification.customerToken, customerToken)
    const printed = [
      inspect(notification, { depth: 20, showHidden: true }),
      JSON.stringify(notification),
      inspect({ ...notification }, { depth: 20, showHidden: true }),
    ].join()
    assert.ok(!printed.includes(customerToken))
  }
  const without = verifyNotification(signed(), AT_NOW)
  assert.ok(without.type === 'payment')
  assert.equal(without.customerToken, undefined)
})

test('a notification says what became of the payment, of its money and of the card it was to keep', () => {
  const notification = verifyNotification(signed(), AT_NOW)
  assert.ok(notification.type === 'payment')
  const { body: _, ...members } = notification
  assert.deepEqual(
    { ...members },
    {
      type: 'payment',
      id: 'REF-1:00',
      status: 'paid',
      money: 'moved',
      isFinal: true,
      latestTransactionStatus: '00',
      transactionStatusDesc: 'Success',
      originalPartnerReferenceNo: 'INV-1',
      originalReferenceNo: 'REF-1',
      originalExternalId: 'E-1',
      amount: '10000.00',
      channel: 'KARTU_KREDIT_INDONESIA_SNAP',
      custIdMerchant: 'CUST001',
      bankCardToken: 'a'.repeat(32),
      bindStatus: 'SUCCESS',
    },
  )
  assert.deepEqual(acknowledge(notification), {
    responseCode: '2005600',
    responseMessage: 'Request has been processed successfully',
  })
  const meanings = { '03': 'unknown', '04': 'moved', '05': 'not-moved', '06': 'not-moved', '77': 'unknown' }
  for (const [latestTransactionStatus, money] of Object.entries(meanings)) {
    const other = verifyNotification(signed({ ...PAID, latestTransactionStatus }), AT_NOW)
    assert.ok(other.type === 'payment' && other.money === money, latestTransactionStatus)
  }
})

test('a notification of a binding is told apart by its body', () => {
  const notification = verifyNotification(signed(BOUND), AT_NOW)
  assert.ok(notification.type === 'binding')
  const { status, id, authCode, bankCardToken, custIdMerchant } = notification
  assert.deepEqual(
    [status, id, authCode, bankCardToken, custIdMerchant],
    ['bound', 'E-2:SUCCESS', '2238', 'b'.repeat(32), 'CUST001'],
  )
  assert.equal(acknowledge(notification).responseCode, '2000700')
  assert.ok(!inspect(notification, { depth: 9 }).includes('bbbb'))
})

test('both ways of signing are believed, each where it is configured', () => {
  const symmetric = { ...AT_NOW, mode: 'symmetric' } as const
  const asymmetric = { ...AT_NOW, mode: 'asymmetric' } as const
  for (const keys of [AT_NOW, symmetric]) assert.ok(verifyNotification(signed(), keys))
  for (const keys of [AT_NOW, asymmetric]) assert.ok(verifyNotification(signedByGateway(), keys))
  assert.equal(
    refusalOf(() => verifyNotification(signed(), asymmetric)),
    '4015600',
  )
  assert.equal(
    refusalOf(() => verifyNotification(signedByGateway(), symmetric)),
    '4015601',
  )
  const { gatewayPublicKey: _, ...keyless } = AT_NOW
  assert.ok(verifyNotification(signed(), keyless))
  assert.equal(
    refusalOf(() => verifyNotification(signedByGateway(), keyless)),
    '4015601',
  )
})

test('what the gateway has told another partner, and that one has passed on, is not believed', () => {
  const addressed = (partnerId: string) => ({
    ...PAID,
    additionalInfo: { ...PAID.additionalInfo, partnerId },
  })
  const passedOn = { ...signedByGateway(addressed('BRN-OTHER')) }
  assert.equal(passedOn.headers['x-partner-id'], KEYS.clientId)
  for (const keys of [AT_NOW, { ...AT_NOW, mode: 'asymmetric' } as const]) {
    assert.equal(
      refusalOf(() => verifyNotification(passedOn, keys)),
      '4015600',
    )
    assert.ok(verifyNotification(signedByGateway(addressed(KEYS.clientId)), keys))
  }
})

test('without a client secret nothing is believed, not even what is signed with none', () => {
  const hollow = { ...AT_NOW, clientSecret: '' }
  const text = `${Math.floor(NOW / 1000 + 900).toString(36)}.${'A'.repeat(16)}`
  const macKey = Buffer.from(hkdfSync('sha256', '', '', 'gerbang notification token 1', 32))
  const mac = createHmac('sha256', macKey).update(`${KEYS.clientId}|${text}`).digest('base64url')
  const { rawBody, headers } = signed()
  const hash = createHash('sha256').update(rawBody).digest('hex')
  const toSign = `POST:${URL_PATH}:${text}.${mac}:${hash}:${headers['x-timestamp']}`
  const forged = {
    ...headers,
    authorization: `Bearer ${text}.${mac}`,
    'x-signature': createHmac('sha512', '').update(toSign).digest('base64'),
  }
  assert.throws(() => verifyNotification({ ...signed(), headers: forged }, hollow), ValidationError)
})

test('a change of anything that is signed is noticed', () => {
  for (const sample of [signed(), signedByGateway()]) {
    const text = sample.rawBody.toString()
    const changed = [
      { rawBody: text.replace('10000.00', '90000.00') },
      { rawBody: text.replace('INV-1', 'INV-2') },
      { url: '/snap/notify' },
      { url: '/other?shop=1' },
      { method: 'PUT' },
      { headers: { ...sample.headers, 'x-timestamp': '2026-11-21T10:00:01+07:00' } },
      { headers: { ...sample.headers, 'x-signature': `${'A'.repeat(86)}==` } },
      { headers: { ...sample.headers, 'x-partner-id': 'BRN-OTHER' } },
    ]
    for (const change of changed) {
      const refusal = refusalOf(() => verifyNotification({ ...sample, ...change }, AT_NOW))
      assert.equal(refusal, '4015600', Object.keys(change).join())
    }
    assert.equal(
      refusalOf(() => verifyNotification(sample, { ...AT_NOW, clientId: 'BRN-OTHER' })),
      '4015600',
    )
  }
})

test('the secret, the token and its end are all looked at', () => {
  const sample = signed()
  const withToken = (authorization: string) => ({ ...sample, headers: { ...sample.headers, authorization } })
  const own = sample.headers.authorization ?? ''
  const madeUp = [
    'Bearer made-up',
    // Not the very last letter: two of its bits say nothing.
    own.replace(/.(?=.$)/, (letter) => (letter === 'A' ? 'B' : 'A')),
    own.replace(/ [0-9a-z]+\./, ' zzzzzzz.'),
    `${own}.x`,
    'Bearer ',
  ]
  for (const token of madeUp) {
    assert.equal(
      refusalOf(() => verifyNotification(withToken(token), AT_NOW)),
      '4015601',
      token,
    )
  }
  const other = { ...AT_NOW, clientSecret: 'SK-Other' }
  assert.equal(
    refusalOf(() => verifyNotification(sample, other)),
    '4015601',
  )
  const late = { ...AT_NOW, clock: () => NOW + 901_000, toleranceMs: 3_600_000 }
  assert.equal(
    refusalOf(() => verifyNotification(sample, late)),
    '4015601',
  )
  const inTime = { ...AT_NOW, clock: () => NOW + 899_000, toleranceMs: 3_600_000 }
  assert.ok(verifyNotification(sample, inTime))
})

test('the clocks may differ by five minutes both ways, or by what is configured', () => {
  const at =
    (ms: number, more = {}) =>
    () =>
      verifyNotification(signed(), { ...KEYS, clock: () => NOW + ms, ...more })
  for (const ms of [300_000, -300_000]) assert.ok(at(ms)())
  for (const ms of [301_000, -301_000]) assert.equal(refusalOf(at(ms)), '4015600')
  assert.equal(refusalOf(at(11_000, { toleranceMs: 10_000 })), '4015600')
})

test('headers are read in any case and from any kind of object, the URL whole or as a path', () => {
  const sample = signed()
  const upper = Object.fromEntries(
    Object.entries(sample.headers).map(([name, value]) => [name.toUpperCase(), value]),
  )
  for (const headers of [upper, new Headers(sample.headers)]) {
    assert.ok(verifyNotification({ ...sample, headers }, AT_NOW))
  }
  assert.ok(verifyNotification({ ...sample, url: `https://shop.test:8443${URL_PATH}` }, AT_NOW))
  for (const rawBody of [sample.rawBody.toString(), new Uint8Array(sample.rawBody)]) {
    assert.ok(verifyNotification({ ...sample, rawBody }, AT_NOW))
  }
})

test('a missing or malformed header, and a body that is no notification, are refused by their names', () => {
  const sample = signed()
  const { 'x-timestamp': _, ...untimed } = sample.headers
  assert.equal(
    refusalOf(() => verifyNotification({ ...sample, headers: untimed }, AT_NOW)),
    '4005602',
  )
  const malformed = { ...sample.headers, 'x-timestamp': 'yesterday' }
  assert.equal(
    refusalOf(() => verifyNotification({ ...sample, headers: malformed }, AT_NOW)),
    '4005601',
  )
  for (const rawBody of ['', '[]', '"x"', 'null', '{"a":1,"a":2}', '{', Buffer.from([0x7b, 0xff, 0x7d])]) {
    assert.equal(
      refusalOf(() => verifyNotification({ ...sample, rawBody }, AT_NOW)),
      '4005600',
      String(rawBody),
    )
  }
  for (const body of [{}, { latestTransactionStatus: '00' }, { additionalInfo: { status: 'SUCCESS' } }]) {
    assert.equal(
      refusalOf(() => verifyNotification(signed(body), AT_NOW)),
      '4005602',
    )
  }
})

test('a parsed object instead of bytes is refused with the fix', () => {
  const sample = signed()
  for (const rawBody of [JSON.parse(sample.rawBody.toString()), undefined, null]) {
    assert.throws(
      () => verifyNotification({ ...sample, rawBody }, AT_NOW),
      (error) => error instanceof RawBodyError && /before JSON\.parse/.test(error.message),
    )
  }
})

test('no refusal of a notification repeats the secret, the token or what was sent', () => {
  const sample = signed()
  const texts = [
    { rawBody: '{}' },
    { url: '/x' },
    { headers: { ...sample.headers, authorization: 'Bearer made-up' } },
  ]
  for (const change of texts) {
    try {
      verifyNotification({ ...sample, ...change }, AT_NOW)
      assert.fail()
    } catch (error) {
      const text = inspect(error, { depth: 9, showHidden: true })
      assert.ok(!text.includes(KEYS.clientSecret) && !text.includes('made-up'))
      assert.ok(!text.includes(sample.headers.authorization?.slice(7) ?? '-'))
    }
  }
})
