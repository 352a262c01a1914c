import type { RefundAnswer as NetworkAnswer, Refunds } from '../channels/channel.ts'
import type { Clock } from '../clock.ts'
import type { StoredReply } from '../reply.ts'
import { type RequestClaim, replayOrConflict } from '../request-id/request-id.ts'
import type { Settlement } from './books.ts'
import type { OpenRefund, RefundOrder } from './open-refund.ts'
import { REFUND_STATES } from './states.ts'
import { IN_PROGRESS, judge, replyOf, type Standing, type Verdict } from './verdict.ts'

/** Everything outside that a refund needs. A test replaces one of these and nothing else. */
export interface RefundDeps {
  readonly clock: Clock
  readonly claim: (order: RefundOrder) => Promise<RequestClaim>
  readonly settle: (settlement: Settlement) => Promise<Standing>
  /** How long the network may take, in milliseconds, before the partner is told that the refund is in progress. */
  readonly networkTimeoutMs: number
  /** When the network is asked first about a refund that was left open, in milliseconds from now. */
  readonly firstInquiryMs: number
}

export interface RefundAnswer {
  readonly reply: StoredReply
  readonly state: string
  /** Why the verdict could not be booked, or a Contradiction, which no machine resolves. */
  readonly fault?: unknown
}

/**
 * Service 58, or 07 on DOKU's pages. The amount is reserved and that is committed before the network hears of the refund;
 * no transaction is open while the network thinks. A crash on any line leaves a row that reconciliation can finish.
 *
 * Throws SnapError `conflict`, `duplicatePartnerReferenceNo`, `inconsistentRequest`, `invalidTransactionStatus` or
 * `invalidAmount` when the claim is not ours.
 */
export async function refund(
  deps: RefundDeps,
  channel: Pick<Refunds, 'refund'>,
  order: RefundOrder,
): Promise<RefundAnswer> {
  const claimed = await deps.claim(order)
  if (claimed.kind !== 'new') return { reply: replayOrConflict(claimed), state: 'replay' }
  const answer = await ask(deps, channel, order.refund)
  return settleAnswer(deps, order.refund, judge(answer)).catch((fault) => ({
    // What is not on disk is not said: neither a yes nor a no of the network may be told before it is booked.
    reply: replyOf(order.refund, IN_PROGRESS),
    state: IN_PROGRESS.state,
    fault,
  }))
}

/** A process that was held up since its claim must not give back what the reconciler may have freed meanwhile. */
async function ask(
  deps: RefundDeps,
  channel: Pick<Refunds, 'refund'>,
  refund: OpenRefund,
): Promise<NetworkAnswer> {
  if (deps.clock.now() >= refund.expiresAt) return { kind: 'unresolved', cause: 'expired before it was sent' }
  const instruction = {
    referenceNo: refund.refundNo,
    originalReferenceNo: refund.originalReferenceNo,
    merchantId: refund.partnerId,
    merchantReferenceNo: refund.partnerRefundNo,
    amountMinor: refund.amountMinor,
    expiresAt: refund.expiresAt,
  }
  return channel.refund(instruction, deps.networkTimeoutMs)
}

/** Books the verdict and answers with what is booked, which is another's word when another came first. */
export async function settleAnswer(
  deps: Pick<RefundDeps, 'clock' | 'settle' | 'firstInquiryMs'>,
  refund: OpenRefund,
  verdict: Verdict,
): Promise<RefundAnswer> {
  const now = deps.clock.now()
  const standing = await deps.settle({ refund, verdict, now, dueAt: now + deps.firstInquiryMs })
  const { state } = standing
  const isContradicted =
    REFUND_STATES[state].isFinal && REFUND_STATES[verdict.state].isFinal && state !== verdict.state
  return {
    reply: replyOf(refund, standing),
    state,
    ...(isContradicted && { fault: new Contradiction(`${verdict.state} after ${state}`) }),
  }
}

/** The network gave another final word than the one that is booked: money and books differ until a person has looked. */
class Contradiction extends Error {
  override readonly name = 'Contradiction'
}
