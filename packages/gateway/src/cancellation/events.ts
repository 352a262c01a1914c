import { formatAmount, formatTimestamp, responseCode } from '@gerbang/snap'
import type { OutgoingEvent } from '../outbox/outbox.ts'
import type { Cancellation, CancellationState } from './cancellation.ts'
import type { Move } from './store.ts'

/** What happened, for those who were not there. `isOfPaid`: the money had moved, and goes back. */
export function eventOf(
  one: Cancellation,
  move: Move,
  facts: { readonly sequence: number; readonly isOfPaid: boolean },
): OutgoingEvent {
  return {
    partnerId: one.partnerId,
    referenceNo: one.cancelNo,
    sequence: facts.sequence,
    type: typeOf(move.state, facts.isOfPaid),
    body: {
      partnerId: one.partnerId,
      cancelNo: one.cancelNo,
      originalReferenceNo: one.referenceNo,
      originalPartnerReferenceNo: one.partnerReferenceNo,
      externalId: one.externalId,
      channel: one.channel,
      amount: { value: formatAmount(one.amountMinor), currency: 'IDR' },
      state: move.state,
      isOfPaid: facts.isOfPaid,
      responseCode: responseCode('cancel', move.outcome, one.profile),
      occurredAt: formatTimestamp(move.now),
    },
    at: move.now,
  }
}

/** A payment that was not paid yet ends by an event of its own. */
function typeOf(state: CancellationState, isOfPaid: boolean): string {
  if (state === 'cancelled') return isOfPaid ? 'payment.cancelled.v1' : 'payment.cancellation.done.v1'
  return state === 'refused' ? 'payment.cancellation.refused.v1' : 'payment.cancellation.pending.v1'
}
