import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidFieldError, RefusedError } from '../src/index.ts'
import { answer, clientOf, openStandIn } from './gateway-stand-in.ts'

const REFUND = {
  partnerRefundNo: 'RF-1',
  originalPartnerReferenceNo: 'INV-1',
  amount: '4000.00',
  ipAddress: '203.0.113.7',
} as const

test('a refund names the payment, the amount and who asked for it', async (t) => {
  const gateway = await openStandIn(t)
  const refundAmount = { value: '4000.00', currency: 'IDR' }
  gateway.answers = [
    answer('2000700', {
      refundAmount,
      refundNo: 'REFUND-1',
      partnerRefundNo: 'RF-1',
      refundTime: '2026-11-21T10:15:00+07:00',
      originalReferenceNo: 'REF-1',
    }),
  ]
  const refund = await clientOf(gateway).refund({ ...REFUND, amount: 400_000n, reason: 'habis' })
  assert.deepEqual(
    [
      refund.status,
      refund.money,
      refund.refundNo,
      refund.refundTime,
      refund.amount,
      refund.originalReferenceNo,
    ],
    ['refunded', 'moved', 'REFUND-1', '2026-11-21T10:15:00+07:00', '4000.00', 'REF-1'],
  )
  const [seen] = gateway.seen
  assert.equal(seen?.path, '/direct-debit/core/v1/debit/refund')
  assert.equal(seen.headers['x-ip-address'], '203.0.113.7')
  assert.deepEqual(JSON.parse(seen.raw), {
    partnerRefundNo: 'RF-1',
    refundAmount,
    originalPartnerReferenceNo: 'INV-1',
    reason: 'habis',
  })
  assert.deepEqual(gateway.faults, [])
})

test('a refund names a channel only when it is told one: the gateway knows that of the payment', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('2000700'), answer('2000700')]
  const client = clientOf(gateway)
  await client.refund(REFUND)
  await client.refund({ ...REFUND, channel: 'KARTU_KREDIT_INDONESIA_SNAP' })
  assert.deepEqual(
    gateway.seen.map(({ raw }) => JSON.parse(raw).additionalInfo),
    [undefined, { channel: 'KARTU_KREDIT_INDONESIA_SNAP' }],
  )
})

test('both numberings of the refund are read, and 202 leaves it open', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway)
  gateway.answers = [answer('2005800')]
  assert.equal((await client.refund(REFUND)).status, 'refunded')
  gateway.answers = [answer('2020700', { refundNo: 'REFUND-2' })]
  const open = await client.refund(REFUND)
  assert.deepEqual(
    [open.status, open.money, open.refundNo, open.amount],
    ['pending', 'unknown', 'REFUND-2', '4000.00'],
  )
})

test('a refused refund says what to do about the refund, not about the payment', async (t) => {
  const gateway = await openStandIn(t)
  const refused = async (code: string): Promise<RefusedError> => {
    gateway.answers = [answer(code)]
    const error = await clientOf(gateway)
      .refund(REFUND)
      .catch((caught: unknown) => caught)
    assert.ok(error instanceof RefusedError)
    return error
  }
  const tooMuch = await refused('4040713')
  assert.ok(tooMuch instanceof InvalidFieldError)
  assert.deepEqual([tooMuch.field, tooMuch.money, tooMuch.name], ['amount', 'not-moved', 'InvalidFieldError'])
  assert.match(tooMuch.advice, /refunds in status\(\)/)
  const twice = await refused('4090701')
  assert.deepEqual([twice.name, twice.money, twice.retryable], ['ConflictError', 'unknown', false])
  assert.match(twice.advice, /partnerRefundNo/)
  const broken = await refused('5000702')
  assert.deepEqual([broken.name, broken.money, broken.retryable], ['GatewayError', 'unknown', false])
  assert.match(broken.advice, /same partnerRefundNo/)
})

test('a refund without an address, a payment or an amount is refused before it is sent', async (t) => {
  const gateway = await openStandIn(t)
  const wrong: [object, string][] = [
    [{ ...REFUND, ipAddress: undefined }, 'ipAddress'],
    [{ ...REFUND, ipAddress: 'localhost' }, 'ipAddress'],
    [{ ...REFUND, originalPartnerReferenceNo: '' }, 'originalPartnerReferenceNo'],
    [{ ...REFUND, amount: '0.00' }, 'amount'],
    [{ ...REFUND, partnerRefundNo: '' }, 'partnerRefundNo'],
  ]
  for (const [order, field] of wrong) {
    await assert.rejects(clientOf(gateway).refund(order as typeof REFUND), { name: 'ValidationError', field })
  }
  assert.equal(gateway.seen.length, 0)
})

test('silence on a refund says that it is not known whether the money went back', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = ['break']
  await assert.rejects(
    clientOf(gateway).refund(REFUND),
    (error: Error & { advice?: string; money?: string }) => {
      assert.equal(error.money, 'unknown')
      assert.match(error.advice ?? '', /same partnerRefundNo/)
      return true
    },
  )
})
