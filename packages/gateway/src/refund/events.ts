import { formatAmount, formatTimestamp, responseCode } from '@gerbang/snap'
import type { OutgoingEvent } from '../outbox/outbox.ts'
import type { OpenRefund } from './open-refund.ts'
import { REFUND_STATES } from './states.ts'
import type { Verdict } from './verdict.ts'

export interface EventFacts {
  readonly verdict: Verdict
  readonly sequence: number
  /** Whether the payment has been given back whole. */
  readonly isFullyRefunded: boolean
  readonly now: number
}

/** What happened, for those who were not there: the refund, its payment, and whether anything of that is left. */
export function eventOf(refund: OpenRefund, facts: EventFacts): OutgoingEvent {
  const { verdict, sequence, isFullyRefunded, now } = facts
  return {
    partnerId: refund.partnerId,
    referenceNo: refund.refundNo,
    sequence,
    type: REFUND_STATES[verdict.state].isFinal ? 'refund.settled.v1' : 'refund.pending.v1',
    body: {
      partnerId: refund.partnerId,
      refundNo: refund.refundNo,
      partnerRefundNo: refund.partnerRefundNo,
      originalReferenceNo: refund.originalReferenceNo,
      originalPartnerReferenceNo: refund.originalPartnerReferenceNo,
      externalId: refund.externalId,
      channel: refund.channel,
      amount: { value: formatAmount(refund.amountMinor), currency: 'IDR' },
      state: verdict.state,
      refundStatus: REFUND_STATES[verdict.state].status,
      isFullyRefunded,
      responseCode: responseCode('refund', verdict.outcome, refund.profile),
      networkReferenceNo: verdict.networkReferenceNo,
      occurredAt: formatTimestamp(now),
    },
    at: now,
  }
}
