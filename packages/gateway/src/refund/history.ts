import { formatAmount, formatTimestamp, type StatusReply } from '@gerbang/snap'
import type { KnownRefund } from './open-refund.ts'
import { REFUND_STATES } from './states.ts'

/** `refundHistory` of a status reply: every line has all six members, for clients of this API insist on them. */
export function refundLines(refunds: readonly KnownRefund[]): NonNullable<StatusReply['refundHistory']> {
  return refunds.map((refund) => ({
    refundNo: refund.refundNo,
    partnerReferenceNo: refund.partnerRefundNo,
    refundAmount: { value: formatAmount(refund.amountMinor), currency: 'IDR' },
    refundStatus: REFUND_STATES[refund.state].status,
    refundDate: formatTimestamp(refund.at),
    reason: refund.reason,
  }))
}
