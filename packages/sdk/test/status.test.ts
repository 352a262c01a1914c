import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer, clientOf, openStandIn, STATUS } from './gateway-stand-in.ts'

test('a status says what became of the payment and of its money', async (t) => {
  const gateway = await openStandIn(t)
  const more = {
    originalPartnerReferenceNo: 'INV-1',
    originalResponseCode: '4035414',
    originalResponseMessage: 'Insufficient Funds',
    transAmount: { value: '10000.00', currency: 'IDR' },
  }
  const meanings = {
    '00': 'moved',
    '02': 'unknown',
    '03': 'unknown',
    '04': 'moved',
    '06': 'not-moved',
    '99': 'unknown',
  }
  for (const [latestTransactionStatus, money] of Object.entries(meanings)) {
    gateway.answers = [answer('2005500', { ...more, latestTransactionStatus })]
    const known = await clientOf(gateway).status({ originalPartnerReferenceNo: 'INV-1' })
    assert.equal(known.money, money)
    assert.deepEqual([known.outcome, known.amount], ['insufficientFunds', '10000.00'])
  }
  assert.deepEqual(gateway.faults, [])
  assert.equal(gateway.seen[0]?.path, STATUS)
  assert.deepEqual(JSON.parse(gateway.seen[0].raw), {
    originalPartnerReferenceNo: 'INV-1',
    serviceCode: '55',
  })
})

test('a question that fails says nothing about the payment', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('4045501')]
  const question = { originalReferenceNo: 'REF-1' }
  await assert.rejects(clientOf(gateway).status(question), {
    outcome: 'transactionNotFound',
    money: 'unknown',
  })
  gateway.tokenAnswers = [{ status: 401, body: { responseCode: '4017300', responseMessage: 'no' } }]
  await assert.rejects(clientOf(gateway).status(question), { outcome: 'unauthorized', money: 'unknown' })
  const unreachable = clientOf({ baseUrl: 'http://127.0.0.1:9' })
  await assert.rejects(unreachable.status(question), { name: 'NoAnswerError', money: 'unknown' })
})

test('a question without any number is refused before it is sent', async (t) => {
  const gateway = await openStandIn(t)
  await assert.rejects(clientOf(gateway).status({}), { name: 'ValidationError' })
  assert.equal(gateway.seen.length, 0)
})

test('a status lists the refunds and what became of keeping the card', async (t) => {
  const gateway = await openStandIn(t)
  const refund = (refundStatus: string, value: string) => ({
    refundNo: `R-${value}`,
    partnerReferenceNo: `RF-${value}`,
    refundAmount: { value, currency: 'IDR' },
    refundStatus,
    refundDate: '2026-11-21T10:15:00+07:00',
    reason: 'habis',
  })
  gateway.answers = [
    answer('2005500', {
      latestTransactionStatus: '00',
      refundHistory: [refund('00', '1000.00'), refund('03', '2000.00'), refund('06', '3000.00'), 'broken'],
      additionalInfo: { bankCardToken: 'a'.repeat(32), bindStatus: 'SUCCESS' },
    }),
    answer('2005500', { latestTransactionStatus: '00' }),
  ]
  const client = clientOf(gateway)
  const known = await client.status({ originalReferenceNo: 'REF-1' })
  assert.deepEqual([known.bankCardToken, known.bindStatus], ['a'.repeat(32), 'SUCCESS'])
  assert.deepEqual(known.refunds[0], {
    status: 'refunded',
    refundNo: 'R-1000.00',
    partnerRefundNo: 'RF-1000.00',
    amount: '1000.00',
    time: '2026-11-21T10:15:00+07:00',
    reason: 'habis',
  })
  assert.deepEqual(
    known.refunds.map(({ status }) => status),
    ['refunded', 'pending', 'failed', ''],
  )
  const bare = await client.status({ originalReferenceNo: 'REF-1' })
  assert.deepEqual([bare.refunds, bare.bankCardToken, bare.bindStatus], [[], undefined, undefined])
})
