import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NoAnswerError, RefusedError, ValidationError } from '../src/index.ts'
import { answer, clientOf, ORDER, openStandIn, PAYMENT, snap } from './gateway-stand-in.ts'

const PAID = answer('2005400', { partnerReferenceNo: 'INV-1', referenceNo: 'REF-1', webRedirectUrl: '' })

test('a payment is signed as the protocol says and its answer says that the money moved', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [PAID]
  const payment = await clientOf(gateway).pay({
    ...ORDER,
    amount: 1_000_000n,
    additionalInfo: { remarks: 'kopi — 50%' },
  })
  assert.deepEqual(gateway.faults, [])
  assert.deepEqual(
    [payment.status, payment.money, payment.referenceNo, payment.isReplay],
    ['paid', 'moved', 'REF-1', false],
  )
  const [seen] = gateway.seen
  assert.equal(seen?.path, PAYMENT)
  assert.equal(seen.externalId, payment.externalId)
  assert.match(payment.externalId, /^\d{36}$/)
  assert.deepEqual(JSON.parse(seen.raw), {
    partnerReferenceNo: 'INV-1',
    amount: { value: '10000.00', currency: 'IDR' },
    chargeToken: ORDER.chargeToken,
    otp: ORDER.otp,
    additionalInfo: { channel: 'KARTU_KREDIT_INDONESIA_SNAP', remarks: 'kopi — 50%' },
  })
})

test('a path prefix in the base URL is requested and signed', async (t) => {
  const gateway = await openStandIn(t, '/sandbox')
  gateway.answers = [PAID]
  await clientOf(gateway).pay(ORDER)
  assert.equal(gateway.seen[0]?.path, `/sandbox${PAYMENT}`)
  assert.deepEqual(gateway.faults, [])
})

test('a payment that is still open is a result and not an error', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('2025400', { referenceNo: 'REF-2' })]
  const payment = await clientOf(gateway).pay(ORDER)
  assert.deepEqual([payment.status, payment.money, payment.referenceNo], ['pending', 'unknown', 'REF-2'])
  assert.equal(gateway.seen.length, 1)
})

test('a decline is an error that names the case, the money and what to do, and is not tried again', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('4035414')]
  const error = await clientOf(gateway)
    .pay(ORDER)
    .catch((caught: unknown) => caught)
  assert.ok(error instanceof RefusedError)
  assert.deepEqual(
    [error.responseCode, error.outcome, error.money],
    ['4035414', 'insufficientFunds', 'not-moved'],
  )
  assert.match(error.advice, /limit/)
  assert.equal(gateway.seen.length, 1)
})

test('a code of a newer gateway is passed on and says nothing about the money', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('4035499')]
  const error = await clientOf(gateway)
    .pay(ORDER)
    .catch((caught: unknown) => caught)
  assert.ok(error instanceof RefusedError)
  assert.deepEqual([error.outcome, error.money], ['4035499', 'unknown'])
})

test('every attempt after silence has the same external id and the same bytes', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = ['break', { status: 502, body: '<html>Bad Gateway</html>' }, PAID]
  const payment = await clientOf(gateway).pay(ORDER)
  assert.equal(payment.status, 'paid')
  assert.equal(gateway.seen.length, 3)
  assert.equal(new Set(gateway.seen.map(({ externalId }) => externalId)).size, 1)
  assert.equal(new Set(gateway.seen.map(({ raw }) => raw)).size, 1)
  assert.deepEqual(gateway.faults, [])
})

test('two payments never share an external id', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [PAID]
  const client = clientOf(gateway)
  await Promise.all(Array.from({ length: 20 }, () => client.pay(ORDER)))
  assert.equal(new Set(gateway.seen.map(({ externalId }) => externalId)).size, 20)
})

test('the stored answer of an earlier attempt, sent with HTTP 409, is that attempt’s answer', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = ['break', answer('2005400', { referenceNo: 'REF-3' }, 409)]
  const payment = await clientOf(gateway).pay(ORDER)
  assert.deepEqual([payment.status, payment.money, payment.isReplay], ['paid', 'moved', true])

  gateway.answers = ['break', answer('4035414', {}, 409)]
  const error = await clientOf(gateway)
    .pay(ORDER)
    .catch((caught: unknown) => caught)
  assert.ok(error instanceof RefusedError)
  assert.deepEqual([error.outcome, error.money], ['insufficientFunds', 'not-moved'])

  gateway.answers = [answer('2025400', {}, 409)]
  assert.equal((await clientOf(gateway).pay({ ...ORDER, externalId: 'mine-1' })).status, 'pending')
})

test('a conflict after silence means that the first attempt still runs: it is waited for', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = ['break', answer('4095400'), answer('2005400', {}, 409)]
  assert.equal((await clientOf(gateway).pay(ORDER)).status, 'paid')

  gateway.answers = ['break', answer('4095400')]
  const error = await clientOf(gateway)
    .pay(ORDER)
    .catch((caught: unknown) => caught)
  assert.ok(error instanceof RefusedError)
  assert.deepEqual([error.outcome, error.money], ['conflict', 'unknown'])
})

test('a refusal after silence does not say that the first attempt moved nothing', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = ['break', answer('4015400')]
  const error = await clientOf(gateway)
    .pay(ORDER)
    .catch((caught: unknown) => caught)
  assert.ok(error instanceof RefusedError)
  assert.equal(error.money, 'unknown')
  assert.match(error.advice, /ask status\(\) before paying again/)
})

test('attempts are bounded, with growing pauses, and end in an error that says the money is unknown', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = ['break']
  const pauses: number[] = []
  const pause = async (ms: number) => void pauses.push(ms)
  const error = await clientOf(gateway, { retries: 3, pause })
    .pay(ORDER)
    .catch((caught: unknown) => caught)
  assert.ok(error instanceof NoAnswerError)
  assert.deepEqual([error.money, error.attempts, gateway.seen.length], ['unknown', 4, 4])
  assert.equal(pauses.length, 3)
  pauses.forEach((ms, index) => {
    assert.ok(ms >= 125 * 2 ** index && ms <= 251 * 2 ** index, `${ms} at ${index}`)
  })
})

test('too many requests are waited for as long as the gateway says, within a bound', async (t) => {
  const gateway = await openStandIn(t)
  const limited = (seconds: string) => ({
    status: 429,
    body: snap('4295400'),
    headers: { 'retry-after': seconds },
  })
  gateway.answers = [limited('2'), limited('999999'), PAID]
  const pauses: number[] = []
  const payment = await clientOf(gateway, { pause: async (ms) => void pauses.push(ms) }).pay(ORDER)
  assert.equal(payment.status, 'paid')
  assert.deepEqual(pauses, [2000, 8000])

  gateway.answers = [limited('0')]
  const error = await clientOf(gateway)
    .pay(ORDER)
    .catch((caught: unknown) => caught)
  assert.ok(error instanceof RefusedError)
  assert.deepEqual([error.outcome, error.money], ['tooManyRequests', 'not-moved'])
})

test('a gateway that cannot be reached at all was never told: the money has not moved', async () => {
  const error = await clientOf({ baseUrl: 'http://127.0.0.1:9' })
    .pay(ORDER)
    .catch((caught: unknown) => caught)
  assert.ok(error instanceof NoAnswerError)
  assert.equal(error.money, 'not-moved')
})

test('silence longer than the time for one attempt is no answer', async (t) => {
  const gateway = await openStandIn(t)
  const token = await clientOf(gateway).accessToken()
  const silent: typeof fetch = (url, init) =>
    String(url).includes('access-token')
      ? fetch(url, init)
      : new Promise((_, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        })
  const client = clientOf(gateway, { fetch: silent, timeoutMs: 50, retries: 0 })
  await assert.rejects(client.pay(ORDER), { name: 'NoAnswerError', money: 'unknown' })
  assert.equal(token, 'token-1')
})

test('what is wrong here is said here: nothing is sent, and no card number or token is repeated', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway)
  const faults = {
    amount: ['10000', '10000.0', '0.00', '-1.00', '10,000.00', 0n, -5n],
    chargeToken: ['', '123', '4242424242424242'],
    otp: ['', '1234567', '123456789', 'abcdefgh'],
    partnerReferenceNo: ['', 'x'.repeat(65), 'a\nb'],
    externalId: ['', 'a b', '1'.repeat(37)],
  }
  for (const [field, values] of Object.entries(faults)) {
    for (const value of values) {
      const error = await client.pay({ ...ORDER, [field]: value }).catch((caught: unknown) => caught)
      assert.ok(error instanceof ValidationError, `${field} ${value}`)
      assert.deepEqual([error.field, error.money], [field, 'not-moved'])
      if (/chargeToken|otp/.test(field) && value !== '') assert.ok(!error.message.includes(String(value)))
    }
  }
  assert.deepEqual([gateway.seen.length, gateway.tokensIssued], [0, 0])
})
