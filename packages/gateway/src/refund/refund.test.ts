import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OpenRefund } from './open-refund.ts'
import { type RefundDeps, refund } from './refund.ts'

const one: OpenRefund = {
  partnerId: 'BRN-1',
  profile: 'doku',
  externalId: 'X',
  refundNo: '1'.repeat(32),
  partnerRefundNo: 'REF-1',
  originalReferenceNo: '2'.repeat(32),
  originalPartnerReferenceNo: 'INV-1',
  channel: 'A_NETWORK',
  amountMinor: 100n,
  reason: '',
  createdAt: 0,
  expiresAt: 1_000,
}
const order = { refund: one, fingerprint: Buffer.alloc(32) }

function depsAt(now: number, settle: RefundDeps['settle']): RefundDeps {
  return {
    clock: { now: () => now, sleep: async () => {} },
    claim: async () => ({ kind: 'new' }),
    settle,
    networkTimeoutMs: 1,
    firstInquiryMs: 1,
  }
}

test('a process that was held up since its claim does not ask for what may have been given up meanwhile', async () => {
  const deps = depsAt(1_000, async ({ verdict }) => ({ ...verdict, settledAt: undefined }))
  const answer = await refund(deps, { refund: () => assert.fail('the network is asked') }, order)
  assert.equal(answer.reply.status, 202)
})

test('a yes of the network that cannot be booked is not told', async () => {
  const fault = new Error('the database is away')
  const deps = depsAt(1, () => Promise.reject(fault))
  const yes = { kind: 'refunded', networkReferenceNo: 'N', networkCode: '00' } as const
  const answer = await refund(deps, { refund: async () => yes }, order)
  assert.deepEqual([answer.reply.status, answer.state, answer.fault], [202, 'submitted', fault])
})

test('a final word that contradicts what is booked is answered with what is booked, and somebody is told', async () => {
  const deps = depsAt(1, async () => ({ state: 'failed', outcome: 'timeout', settledAt: 1 }))
  const yes = { kind: 'refunded', networkReferenceNo: 'N', networkCode: '00' } as const
  const answer = await refund(deps, { refund: async () => yes }, order)
  assert.equal(answer.reply.status, 504)
  assert.equal((answer.fault as Error).name, 'Contradiction')
})
