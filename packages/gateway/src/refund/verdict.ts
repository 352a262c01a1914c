import {
  formatAmount,
  formatTimestamp,
  OUTCOMES,
  type OutcomeName,
  responseCode,
  responseMessage,
} from '@gerbang/snap'
import type { RefundAnswer } from '../channels/channel.ts'
import type { StoredReply } from '../reply.ts'
import type { OpenRefund } from './open-refund.ts'
import type { RefundState } from './states.ts'

/** What the gateway makes of an answer: the state it books and the words it says. */
export interface Verdict {
  readonly state: Exclude<RefundState, 'submitted'>
  readonly outcome: OutcomeName
  readonly networkReferenceNo?: string
  readonly networkCode?: string
}

/** Only `refunded` says that the money went back. */
export function judge(answer: RefundAnswer): Verdict {
  switch (answer.kind) {
    case 'refunded': {
      const { networkReferenceNo, networkCode } = answer
      return { state: 'refunded', outcome: 'successful', networkReferenceNo, networkCode }
    }
    case 'declined':
      return { state: 'failed', outcome: answer.outcome, networkCode: answer.networkCode }
    case 'unresolved': {
      const { networkCode } = answer
      return { state: 'unresolved', outcome: 'requestInProgress', ...(networkCode && { networkCode }) }
    }
  }
}

/** The network never heard of the refund and must not make it any more. */
export const NEVER_REFUNDED: Verdict = { state: 'failed', outcome: 'timeout' }

/** How a refund stands, as it is answered. */
export interface Standing {
  readonly state: RefundState
  readonly outcome: OutcomeName
  /** Epoch milliseconds; undefined while it is open. */
  readonly settledAt: number | undefined
}

export const IN_PROGRESS: Standing = {
  state: 'submitted',
  outcome: 'requestInProgress',
  settledAt: undefined,
}

/** The reply of the refund service. Its members are the only ones that clients of this API can parse; errors have two. */
export function replyOf(refund: OpenRefund, { outcome, settledAt }: Standing): StoredReply {
  const { status } = OUTCOMES[outcome]
  const words = {
    responseCode: responseCode('refund', outcome, refund.profile),
    responseMessage: responseMessage(outcome),
  }
  if (status >= 300) return { status, text: JSON.stringify(words) }
  const members = {
    ...words,
    refundAmount: { value: formatAmount(refund.amountMinor), currency: 'IDR' },
    originalPartnerReferenceNo: refund.originalPartnerReferenceNo,
    originalReferenceNo: refund.originalReferenceNo,
    refundNo: refund.refundNo,
    partnerRefundNo: refund.partnerRefundNo,
    ...(settledAt !== undefined && { refundTime: formatTimestamp(settledAt) }),
  }
  return { status, text: JSON.stringify(members) }
}
