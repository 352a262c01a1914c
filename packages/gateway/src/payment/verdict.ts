import { OUTCOMES, type OutcomeName, responseCode, responseMessage } from '@gerbang/snap'
import type { ChannelAnswer, Linking } from '../channels/channel.ts'
import type { StoredReply } from '../reply.ts'
import type { OpenPayment } from './payment.ts'
import type { SettledState } from './states.ts'

/** What the gateway makes of an answer: the state it books and the words it says. */
export interface Verdict {
  readonly state: SettledState
  readonly outcome: OutcomeName
  readonly networkReferenceNo: string | undefined
  readonly networkCode: string | undefined
  /** What became of the wish to keep the card, when there was one. */
  readonly linking?: Linking
}

/** A 2xx of 200 means that the money moved, and only `paid` says so. */
export function judge(answer: ChannelAnswer): Verdict {
  switch (answer.kind) {
    case 'paid':
      return {
        ...verdict('paid', 'successful', answer.networkCode, answer.networkReferenceNo),
        ...(answer.linking && { linking: answer.linking }),
      }
    case 'waiting':
      return verdict('waiting', 'requestInProgress', answer.networkCode, answer.networkReferenceNo)
    case 'declined':
      return verdict('declined', answer.outcome, answer.networkCode)
    case 'reversed':
      return verdict('reversed', 'timeout', answer.networkCode)
    case 'unresolved':
      return verdict('unresolved', 'requestInProgress', answer.networkCode)
  }
}

/** The network never heard of the charge and must not book it any more. */
export const NEVER_BOOKED: Verdict = verdict('reversed', 'timeout')

function verdict(
  state: SettledState,
  outcome: OutcomeName,
  networkCode?: string,
  networkReferenceNo?: string,
): Verdict {
  return { state, outcome, networkCode, networkReferenceNo }
}

/** The reply of service 54. Its members are the only ones that clients of this API can parse; errors have two. */
export function replyOf(payment: OpenPayment, outcome: OutcomeName): StoredReply {
  const { status } = OUTCOMES[outcome]
  const words = {
    responseCode: responseCode('payment-host-to-host', outcome, payment.profile),
    responseMessage: responseMessage(outcome),
  }
  const references = { referenceNo: payment.referenceNo, partnerReferenceNo: payment.partnerReferenceNo }
  return { status, text: JSON.stringify(status < 300 ? { ...words, ...references } : words) }
}
