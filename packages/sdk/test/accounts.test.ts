import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { CustomerTokenError, NoAnswerError, StateError, ValidationError } from '../src/index.ts'
import { answer, clientOf, openStandIn } from './gateway-stand-in.ts'

const CIMB = 'DIRECT_DEBIT_CIMB_SNAP'
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.customer.token'
const URLS = { successUrl: 'https://shop.test/ok', failedUrl: 'https://shop.test/no' } as const
const ORDER = {
  channel: CIMB,
  partnerReferenceNo: 'INV-1',
  amount: '10000.00',
  customerToken: TOKEN,
  remarks: 'Kopi',
  ...URLS,
} as const
const PAGE = 'https://pay.test/direct-debit/ui/payment/core/P/1'

test('an account is bound with the members that its channel asks for, and is pending until its holder has confirmed', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [
    answer('2000700', {
      referenceNo: 'REF-1',
      redirectUrl: 'https://pay.test/1',
      additionalInfo: { custIdMerchant: 'C-1', status: 'PENDING', authCode: '2238' },
    }),
  ]
  const binding = await clientOf(gateway).bindAccount({
    channel: 'DIRECT_DEBIT_ALLO_SNAP',
    phoneNo: '6281234567890',
    custIdMerchant: 'C-1',
    device: { deviceId: 'dev1', deviceModel: 'M 1', osType: 'android', channelId: 'app' },
    ipAddress: '203.0.113.7',
    ...URLS,
  })
  assert.deepEqual(
    [binding.status, binding.referenceNo, binding.redirectUrl, binding.authCode],
    ['pending', 'REF-1', 'https://pay.test/1', '2238'],
  )
  const [seen] = gateway.seen
  assert.equal(seen?.path, '/direct-debit/core/v1/registration-account-binding')
  assert.deepEqual([seen.headers['x-device-id'], seen.headers['x-ip-address']], ['dev1', '203.0.113.7'])
  assert.deepEqual(JSON.parse(seen.raw), {
    phoneNo: '6281234567890',
    additionalInfo: {
      channel: 'DIRECT_DEBIT_ALLO_SNAP',
      custIdMerchant: 'C-1',
      successRegistrationUrl: URLS.successUrl,
      failedRegistrationUrl: URLS.failedUrl,
      deviceModel: 'M 1',
      osType: 'android',
      channelId: 'app',
    },
  })
  assert.ok(!inspect(binding).includes('2238'))
})

test('a payment that sends the customer to a page is pending, although its code begins with 200', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway)
  gateway.answers = [answer('2005400', { webRedirectUrl: PAGE, partnerReferenceNo: 'INV-1' })]
  const payment = await client.payFromAccount(ORDER)
  assert.deepEqual([payment.status, payment.money, payment.redirectUrl], ['pending', 'unknown', PAGE])
  gateway.answers = [answer('2025400', { webRedirectUrl: PAGE })]
  assert.equal((await client.payFromAccount(ORDER)).status, 'pending')
  gateway.answers = [answer('2005400', { additionalInfo: { webRedirectUrl: PAGE } })]
  assert.equal((await client.payFromAccount(ORDER)).redirectUrl, PAGE)
  gateway.answers = [answer('2005400', { webRedirectUrl: '', referenceNo: 'REF-1' })]
  const paid = await client.payFromAccount({ ...ORDER, recurring: true })
  assert.deepEqual([paid.status, paid.money, paid.redirectUrl], ['paid', 'moved', undefined])
  const [page, , , recurring] = gateway.seen
  assert.equal(page?.headers['authorization-customer'], `Bearer ${TOKEN}`)
  assert.equal(page.headers['x-channel-id'], 'DH')
  assert.deepEqual(JSON.parse(page.raw), {
    partnerReferenceNo: 'INV-1',
    amount: { value: '10000.00', currency: 'IDR' },
    additionalInfo: {
      channel: CIMB,
      successPaymentUrl: URLS.successUrl,
      failedPaymentUrl: URLS.failedUrl,
      remarks: 'Kopi',
    },
  })
  assert.equal(JSON.parse(recurring?.raw ?? '').additionalInfo.paymentType, 'RECURRING')
  assert.deepEqual(gateway.faults, [])
})

test('the code of a payment goes with the customer’s token in both places, and only 200 is a payment', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway)
  const confirm = { channel: CIMB, originalPartnerReferenceNo: 'INV-1', otp: '111000', customerToken: TOKEN }
  gateway.answers = [answer('2000400', { originalReferenceNo: 'REF-1' })]
  const paid = await client.confirmPayment(confirm)
  assert.deepEqual([paid.status, paid.money, paid.originalReferenceNo], ['paid', 'moved', 'REF-1'])
  gateway.answers = [answer('2020400')]
  assert.deepEqual((await client.confirmPayment(confirm)).money, 'unknown')
  const [seen] = gateway.seen
  assert.equal(seen?.headers['authorization-customer'], `Bearer ${TOKEN}`)
  assert.deepEqual(JSON.parse(seen.raw), {
    otp: '111000',
    action: 'otpPayment',
    originalPartnerReferenceNo: 'INV-1',
    additionalInfo: { channel: CIMB, bankCardToken: TOKEN },
  })
})

test('a wallet payment names where its customer comes back', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('2005400', { webRedirectUrl: 'https://wallet.test/1' })]
  const payment = await clientOf(gateway).payByWallet({
    channel: 'EMONEY_DANA_SNAP',
    partnerReferenceNo: 'INV-2',
    amount: 1_500_000n,
    returnUrl: 'https://shop.test/back',
    orderTitle: 'Kopi',
    validUpTo: Date.UTC(2026, 10, 21, 3),
    deviceId: 'dev1',
    ipAddress: '203.0.113.7',
  })
  assert.deepEqual([payment.status, payment.redirectUrl], ['pending', 'https://wallet.test/1'])
  assert.deepEqual(JSON.parse(gateway.seen[0]?.raw ?? ''), {
    partnerReferenceNo: 'INV-2',
    amount: { value: '15000.00', currency: 'IDR' },
    pointOfInitiation: 'mweb',
    urlParam: [{ url: 'https://shop.test/back', type: 'PAY_RETURN', isDeepLink: 'N' }],
    validUpTo: '2026-11-21T10:00:00+07:00',
    additionalInfo: { channel: 'EMONEY_DANA_SNAP', orderTitle: 'Kopi' },
  })
})

test('balances, unbinding and cancellation are read', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway)
  const rupiah = (value: string) => ({ value, currency: 'IDR' })
  gateway.answers = [
    answer('2001100', {
      accountInfos: [{ balanceType: 'CASH', amount: rupiah('500.00'), holdAmount: rupiah('1.00') }],
    }),
  ]
  const { balances } = await client.balance({ channel: 'EMONEY_OVO_SNAP', customerToken: TOKEN })
  assert.deepEqual(balances, [{ balanceType: 'CASH', amount: '500.00', holdAmount: '1.00' }])

  gateway.answers = [answer('2000500', { referenceNo: 'UNB-1' })]
  const unbinding = await client.unbindAccount({ channel: CIMB, customerToken: TOKEN })
  assert.deepEqual([unbinding.status, unbinding.referenceNo], ['unbound', 'UNB-1'])
  gateway.answers = [answer('2020900', { referenceNo: 'UNB-1' })]
  assert.equal((await client.unbindAccount({ channel: CIMB, customerToken: TOKEN })).status, 'pending')

  await client.unbindAccount({ channel: CIMB, customerToken: TOKEN, flow: 'host-to-host' })
  assert.deepEqual(
    gateway.seen.slice(-2).map(({ headers }) => headers['x-channel-id']),
    [undefined, 'H2H'],
  )
  gateway.answers = [answer('2000400', { originalReferenceNo: 'UNB-1' }), answer('2020400')]
  const code = { channel: CIMB, customerToken: TOKEN, otp: '111000' }
  const confirmed = await client.confirmUnbinding(code)
  assert.deepEqual([confirmed.status, confirmed.originalReferenceNo], ['unbound', 'UNB-1'])
  assert.equal((await client.confirmUnbinding(code)).status, 'pending')
  assert.deepEqual(JSON.parse(gateway.seen.at(-1)?.raw ?? ''), {
    otp: '111000',
    action: 'otpUnbinding',
    additionalInfo: { channel: CIMB, bankCardToken: TOKEN },
  })

  const cancel = { channel: 'DIRECT_DEBIT_MANDIRI_SNAP', originalPartnerReferenceNo: 'INV-1' }
  gateway.answers = [answer('2005700', { cancelTime: '2026-11-21T10:00:00+07:00' })]
  const cancelled = await client.cancel({ ...cancel, amount: '10000.00', reason: 'habis' })
  assert.deepEqual([cancelled.status, cancelled.money], ['cancelled', 'not-moved'])
  assert.deepEqual(JSON.parse(gateway.seen.at(-1)?.raw ?? ''), {
    originalPartnerReferenceNo: 'INV-1',
    amount: rupiah('10000.00'),
    reason: 'habis',
    additionalInfo: { channel: 'DIRECT_DEBIT_MANDIRI_SNAP' },
  })
})

test('a failure says of an account that no money moved, and of a cancellation whether the payment was called off', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway, { retries: 0 })
  gateway.answers = [answer('4010902')]
  const gone = await client.unbindAccount({ channel: CIMB, customerToken: TOKEN }).catch((error) => error)
  assert.ok(gone instanceof CustomerTokenError)
  assert.equal(gone.money, 'not-moved')
  assert.match(gone.advice, /link the account again/)
  gateway.answers = [answer('4045700')]
  const late = await client.cancel({ channel: CIMB, originalReferenceNo: 'R' }).catch((error) => error)
  assert.ok(late instanceof StateError)
  assert.equal(late.money, 'unknown')
  assert.match(late.advice, /called off no more/)
  gateway.answers = ['break']
  const silent = await client.balance({ channel: CIMB, customerToken: TOKEN }).catch((error) => error)
  assert.ok(silent instanceof NoAnswerError)
  assert.equal(silent.money, 'not-moved')
  const open = await client.cancel({ channel: CIMB, originalReferenceNo: 'R' }).catch((error) => error)
  assert.ok(open instanceof NoAnswerError)
  assert.equal(open.money, 'unknown')
  assert.match(open.advice, /^Whether the payment was called off is not known/)
})

test('what cannot be right is not sent', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway)
  const bind = { channel: CIMB, phoneNo: '12', custIdMerchant: 'C-1', ...URLS }
  const refund = { originalPartnerReferenceNo: 'I', partnerRefundNo: 'R', amount: 1n }
  const wrong: readonly [string, () => Promise<unknown>][] = [
    ['phoneNo', () => client.bindAccount(bind)],
    ['custIdMerchant', () => client.bindAccount({ ...bind, phoneNo: '6281234567890', custIdMerchant: '' })],
    ['customerToken', () => client.payFromAccount({ ...ORDER, customerToken: '' })],
    ['otp', () => client.confirmPayment({ ...ORDER, originalPartnerReferenceNo: 'INV-1', otp: 'x' })],
    ['otp', () => client.confirmUnbinding({ channel: CIMB, customerToken: TOKEN, otp: '12' })],
    ['flow', () => client.unbindAccount({ channel: CIMB, customerToken: TOKEN, flow: 'H2H' as 'page' })],
    ['ipAddress', () => client.balance({ channel: CIMB, customerToken: TOKEN, ipAddress: 'nowhere' })],
    ['ipAddress', () => client.refund({ ...refund, channel: 'KARTU_KREDIT_INDONESIA_SNAP' as string })],
    ['amount', () => client.cancel({ channel: CIMB, originalReferenceNo: 'R', amount: '0.00' })],
  ]
  for (const [field, call] of wrong) {
    const refused = await call().catch((error) => error)
    assert.ok(refused instanceof ValidationError, field)
    assert.equal(refused.field, field)
  }
  assert.equal(gateway.seen.length, 0)
})

test('calls of a card name another channel when they are told so', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway)
  const channel = 'DIRECT_DEBIT_BRI_SNAP'
  gateway.answers = [answer('2000100', { referenceNo: 'REF-1' })]
  await client.bindCard({ channel, card: { cardNumber: '7801', expiryDate: '0528' }, custIdMerchant: 'C1' })
  gateway.answers = [answer('2000400')]
  await client.verifyOtp({ channel, otp: '111000', originalReferenceNo: 'REF-1' })
  gateway.answers = [answer('2000500')]
  await client.unbindCard({ channel, bankCardToken: TOKEN })
  gateway.answers = [answer('2000700')]
  await client.refund({ channel, originalPartnerReferenceNo: 'I', partnerRefundNo: 'R', amount: '1.00' })
  assert.deepEqual(
    gateway.seen.map(({ raw }) => JSON.parse(raw).additionalInfo.channel),
    Array(4).fill(channel),
  )
})
