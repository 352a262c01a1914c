import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTCOMES, type OutcomeName } from '@gerbang/snap'
import type { ChannelAnswer } from '../channels/channel.ts'
import { eventOf } from './events.ts'
import type { OpenPayment } from './payment.ts'
import { judge, NEVER_BOOKED, replyOf } from './verdict.ts'

const payment: OpenPayment = {
  partnerId: 'BRN-0001',
  profile: 'doku',
  referenceNo: '1'.repeat(32),
  partnerReferenceNo: 'INV-1',
  externalId: 'EXT-1',
  channel: 'KARTU_KREDIT_INDONESIA_SNAP',
  amountMinor: 1_000_000n,
  variant: 'V1',
  createdAt: 0,
  expiresAt: 1,
}

const JUDGED: readonly (readonly [ChannelAnswer, state: string, code: string])[] = [
  [{ kind: 'paid', networkReferenceNo: 'N1', networkCode: '00' }, 'paid', '2005400'],
  [{ kind: 'waiting', networkReferenceNo: 'N1', networkCode: 'W0' }, 'waiting', '2025400'],
  [{ kind: 'declined', outcome: 'insufficientFunds', networkCode: '51' }, 'declined', '4035414'],
  [{ kind: 'reversed', networkCode: 'R0' }, 'reversed', '5045400'],
  [{ kind: 'unresolved', cause: 'silence' }, 'unresolved', '2025400'],
]
for (const [answer, state, code] of JUDGED)
  test(`a network that says ${answer.kind} makes a payment ${state}, and the partner hears ${code}`, () => {
    const verdict = judge(answer)
    assert.equal(verdict.state, state)
    const reply = replyOf(payment, verdict.outcome)
    assert.equal(JSON.parse(reply.text).responseCode, code)
    assert.equal(reply.status, Number(code.slice(0, 3)))
  })

test('a charge that the network never booked is reversed and told as a timeout', () => {
  assert.equal(NEVER_BOOKED.state, 'reversed')
  assert.equal(JSON.parse(replyOf(payment, NEVER_BOOKED.outcome).text).responseCode, '5045400')
})

for (const outcome of Object.keys(OUTCOMES) as OutcomeName[])
  test(`the reply of ${outcome} has the members that its status allows`, () => {
    const { status, text } = replyOf(payment, outcome)
    const members = ['responseCode', 'responseMessage']
    if (status < 300) members.push('referenceNo', 'partnerReferenceNo')
    assert.deepEqual(Object.keys(JSON.parse(text)), members)
  })

test('the event names the payment, its state and its code, and no card', () => {
  const verdict = judge({ kind: 'paid', networkReferenceNo: 'N1', networkCode: '00' })
  const { type, body } = eventOf(payment, verdict, Date.parse('2026-05-26T03:00:00Z'))
  assert.equal(type, 'payment.settled.v1')
  assert.deepEqual(JSON.parse(body), {
    partnerId: 'BRN-0001',
    referenceNo: payment.referenceNo,
    partnerReferenceNo: 'INV-1',
    externalId: 'EXT-1',
    channel: 'KARTU_KREDIT_INDONESIA_SNAP',
    amount: { value: '10000.00', currency: 'IDR' },
    state: 'paid',
    latestTransactionStatus: '00',
    responseCode: '2005400',
    networkReferenceNo: 'N1',
    occurredAt: '2026-05-26T10:00:00+07:00',
  })
  const pending = eventOf(payment, judge({ kind: 'unresolved', cause: '' }), 0)
  assert.equal(pending.type, 'payment.pending.v1')
})
