import { formatAmount, formatTimestamp, responseCode } from '@gerbang/snap'
import type { OpenPayment } from './payment.ts'
import { isFinal, STATES } from './states.ts'
import type { Verdict } from './verdict.ts'

export interface PaymentEvent {
  readonly type: 'payment.settled.v1' | 'payment.pending.v1'
  readonly body: string
}

/** What happened, for those who were not there. It names the payment and its state, never a card or a token. */
export function eventOf(payment: OpenPayment, verdict: Verdict, now: number): PaymentEvent {
  return {
    type: isFinal(verdict.state) ? 'payment.settled.v1' : 'payment.pending.v1',
    body: JSON.stringify({
      partnerId: payment.partnerId,
      referenceNo: payment.referenceNo,
      partnerReferenceNo: payment.partnerReferenceNo,
      externalId: payment.externalId,
      channel: payment.channel,
      amount: { value: formatAmount(payment.amountMinor), currency: 'IDR' },
      state: verdict.state,
      latestTransactionStatus: STATES[verdict.state].status,
      responseCode: responseCode('payment-host-to-host', verdict.outcome, payment.profile),
      networkReferenceNo: verdict.networkReferenceNo,
      occurredAt: formatTimestamp(now),
    }),
  }
}
