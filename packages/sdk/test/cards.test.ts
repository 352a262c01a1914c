import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { decryptCardData } from '@gerbang/snap/card-data'
import { NoAnswerError, OtpError } from '../src/index.ts'
import { answer, CLIENT_SECRET, CUSTOMER_TOKEN, clientOf, openStandIn } from './gateway-stand-in.ts'

const CARD = { cardNumber: '9360000200000200001', otp: '12345678', expiryDate: '1229' } as const
const BIND = { card: CARD, custIdMerchant: 'CUST001', phoneNo: '6281234567890' } as const
const BANK_CARD_TOKEN = 'de52e5820f4c381db88a1cf91d57b73e'

test('a card leaves the process only in its encrypted form, under the client secret or the agreed key', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('2000100', { referenceNo: 'REF-1', redirectUrl: 'https://pay.test/kki/1' })]
  const client = clientOf(gateway)
  const binding = await client.bindCard({ ...BIND, successUrl: 'https://shop.test/ok', journeyId: 'J-1' })
  await client.bindCard({ ...BIND, sharedKey: 'AGREED-KEY-0001' })
  const [own, agreed] = gateway.seen
  const body = JSON.parse(own?.raw ?? '')
  assert.ok(!own?.raw.includes(CARD.cardNumber))
  assert.deepEqual(decryptCardData(body.cardData, [CLIENT_SECRET]), { ...CARD, cardType: 'C' })
  const cardData = JSON.parse(agreed?.raw ?? '').cardData
  assert.equal(decryptCardData(cardData, [CLIENT_SECRET]), undefined)
  assert.ok(decryptCardData(cardData, ['AGREED-KEY-0001']))
  assert.deepEqual(
    { ...body, cardData: '' },
    {
      cardData: '',
      custIdMerchant: 'CUST001',
      phoneNo: '6281234567890',
      journeyId: 'J-1',
      additionalInfo: {
        channel: 'KARTU_KREDIT_INDONESIA_SNAP',
        successRegistrationUrl: 'https://shop.test/ok',
      },
    },
  )
  assert.deepEqual(
    [binding.status, binding.referenceNo, binding.redirectUrl, binding.authCode],
    ['pending', 'REF-1', 'https://pay.test/kki/1', undefined],
  )
  assert.deepEqual(gateway.faults, [])
})

test('the flow decides the header that asks for it, and what comes back', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('2000100', { referenceNo: 'REF-1', additionalInfo: { authCode: '2238' } })]
  const client = clientOf(gateway)
  await client.bindCard(BIND)
  await client.bindCard({ ...BIND, flow: 'page' })
  const binding = await client.bindCard({ ...BIND, flow: 'host-to-host' })
  assert.deepEqual(
    gateway.seen.map(({ headers }) => headers['channel-id']),
    ['DH', 'DH', 'H2H'],
  )
  assert.equal(binding.authCode, '2238')
  gateway.answers = [answer('2020100', { referenceNo: 'REF-2' })]
  assert.equal((await client.bindCard(BIND)).status, 'pending')
})

test('a binding is found by any of its names, and the code gives the token', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway)
  gateway.answers = [
    answer('2008100', {
      originalReferenceNo: 'REF-1',
      additionalInfo: { otpExpiresAt: '2026-11-21T10:00:00+07:00' },
    }),
  ]
  const sent = await client.resendOtp({ authCode: '2238', journeyId: '' })
  assert.deepEqual([sent.status, sent.otpExpiresAt], ['sent', '2026-11-21T10:00:00+07:00'])

  gateway.answers = [
    answer('2000400', {
      originalReferenceNo: 'REF-1',
      bankCardToken: BANK_CARD_TOKEN,
      additionalInfo: { custIdMerchant: 'CUST001', status: 'SUCCESS', authCode: '2238' },
    }),
  ]
  const bound = await client.verifyOtp({ otp: '123456', originalReferenceNo: 'REF-1' })
  assert.deepEqual(
    [bound.status, bound.bankCardToken, bound.authCode, bound.custIdMerchant],
    ['bound', BANK_CARD_TOKEN, '2238', 'CUST001'],
  )
  gateway.answers = [answer('2020400')]
  const open = await client.verifyOtp({ otp: '123456', originalReferenceNo: 'REF-1' })
  assert.deepEqual([open.status, open.bankCardToken], ['pending', undefined])

  const channel = 'KARTU_KREDIT_INDONESIA_SNAP'
  assert.deepEqual(
    gateway.seen.slice(0, 2).map(({ raw }) => JSON.parse(raw)),
    [
      { additionalInfo: { channel, authCode: '2238' } },
      { otp: '123456', action: 'otpLinkage', originalReferenceNo: 'REF-1', additionalInfo: { channel } },
    ],
  )
  await assert.rejects(client.resendOtp({}), { name: 'ValidationError', field: 'originalReferenceNo' })
})

test('a wrong code is an error that knows how many tries are left', async (t) => {
  const gateway = await openStandIn(t)
  const verify = () => clientOf(gateway).verifyOtp({ otp: '000000', originalReferenceNo: 'REF-1' })
  const caught = async (): Promise<OtpError> => {
    const error = await verify().catch((thrown: unknown) => thrown)
    assert.ok(error instanceof OtpError)
    return error
  }
  gateway.answers = [answer('4040415', { additionalInfo: { attemptsLeft: 3 } })]
  const wrong = await caught()
  assert.deepEqual(
    [wrong.kind, wrong.attemptsLeft, wrong.money, wrong.retryable],
    ['invalid', 3, 'not-moved', false],
  )
  assert.equal(wrong.customerMessage('id'), 'Kode salah. Sisa 3 percobaan')
  gateway.answers = [answer('4040415')]
  assert.equal((await caught()).customerMessage('en'), 'Wrong code')
  gateway.answers = [answer('4030412')]
  assert.equal((await caught()).kind, 'expired')
  gateway.answers = [answer('4030411')]
  assert.equal((await caught()).kind, 'blocked')
})

test('a card is forgotten at once for payments, and the network is told afterwards', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('2000500', { referenceNo: 'UNBIND-1' })]
  const unbinding = await clientOf(gateway).unbindCard({
    bankCardToken: BANK_CARD_TOKEN,
    ipAddress: '203.0.113.7',
  })
  assert.deepEqual([unbinding.status, unbinding.referenceNo], ['pending', 'UNBIND-1'])
  const [seen] = gateway.seen
  assert.equal(JSON.parse(seen?.raw ?? '').tokenId, BANK_CARD_TOKEN)
  assert.equal(seen?.headers['x-ip-address'], '203.0.113.7')
  await clientOf(gateway).unbindCard({ bankCardToken: BANK_CARD_TOKEN })
  assert.equal(gateway.seen[1]?.headers['x-ip-address'], undefined)
})

test('a customer token is asked for with the code of a binding or a refresh token', async (t) => {
  const gateway = await openStandIn(t)
  const reply = {
    accessToken: 'customer-1',
    tokenType: 'Bearer',
    accessTokenExpiryTime: '2026-12-06T10:00:00+07:00',
    refreshToken: 'refresh-1',
    refreshTokenExpiryTime: '2026-12-06T09:00:00+07:00',
  }
  gateway.answers = [answer('2007400', reply)]
  const client = clientOf(gateway)
  const { accessToken, refreshToken, accessTokenExpiryTime } = await client.customerToken({
    authCode: '2238',
  })
  await client.customerToken({ refreshToken: 'refresh-1' })
  assert.deepEqual(
    [accessToken, refreshToken, accessTokenExpiryTime],
    ['customer-1', 'refresh-1', reply.accessTokenExpiryTime],
  )
  assert.deepEqual(
    gateway.seen.map(({ path, raw }) => [path, JSON.parse(raw)]),
    [
      [CUSTOMER_TOKEN, { grantType: 'authorization_code', authCode: '2238' }],
      [CUSTOMER_TOKEN, { grantType: 'refresh_token', refreshToken: 'refresh-1' }],
    ],
  )
  gateway.answers = [answer('4017400')]
  await assert.rejects(client.customerToken({ authCode: '2238' }), { name: 'AuthError', money: 'not-moved' })
  assert.deepEqual(gateway.faults, [])
})

test('no money is involved in keeping a card, whatever becomes of the call', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('4090101')]
  const client = clientOf(gateway)
  await assert.rejects(client.bindCard(BIND), { name: 'ConflictError', money: 'not-moved' })
  gateway.answers = ['break']
  const silence = await client.bindCard(BIND).catch((thrown: unknown) => thrown)
  assert.ok(silence instanceof NoAnswerError)
  assert.deepEqual([silence.money, silence.retryable], ['not-moved', true])
  assert.match(silence.advice, /same externalId/)
})

test('what is wrong with a card is said here, without repeating it', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway)
  const wrong: [object, string][] = [
    [{ ...BIND, card: { ...CARD, cardNumber: '4242424242424242' } }, 'card.cardNumber'],
    [{ ...BIND, card: { ...CARD, expiryDate: '2912' } }, 'card.expiryDate'],
    [{ ...BIND, card: { ...CARD, otp: '7654321' } }, 'card.otp'],
    [{ ...BIND, custIdMerchant: 'a b' }, 'custIdMerchant'],
    [{ ...BIND, phoneNo: '12345' }, 'phoneNo'],
    [{ ...BIND, flow: 'both' }, 'flow'],
    [{ ...BIND, sharedKey: '' }, 'sharedKey'],
  ]
  for (const [order, field] of wrong) {
    const error = await client.bindCard(order as typeof BIND).catch((thrown: unknown) => thrown)
    assert.equal((error as { field?: string }).field, field)
    assert.ok(!/4242|7654321|2912/.test(inspect(error)))
  }
  assert.equal(gateway.seen.length, 0)
})

test('a result prints without the tokens in it, and keeps them for those who store it', async (t) => {
  const gateway = await openStandIn(t)
  const bankCardToken = BANK_CARD_TOKEN
  gateway.answers = [
    answer('2000400', { bankCardToken, additionalInfo: { bankCardToken, authCode: '2238-1' } }),
  ]
  const bound = await clientOf(gateway).verifyOtp({ otp: '123456', originalReferenceNo: 'REF-1' })
  for (const text of [inspect(bound), inspect({ deep: [bound] }, { depth: 9, showHidden: true })]) {
    assert.ok(!text.includes(BANK_CARD_TOKEN) && !text.includes('2238-1'), text)
    assert.match(text, /\[redacted\]/)
  }
  assert.equal(JSON.parse(JSON.stringify(bound)).bankCardToken, BANK_CARD_TOKEN)
  assert.equal({ ...bound }.bankCardToken, BANK_CARD_TOKEN)
})
