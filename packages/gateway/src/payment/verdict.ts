import { OUTCOMES, type OutcomeName, responseCode, responseMessage } from '@gerbang/snap'
import type { Asking, ChannelAnswer, Linking } from '../channels/channel.ts'
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
  /** What the customer has to do, when the network said so. */
  readonly asking?: Asking
}

/** What a partner is told while the network keeps silent. */
export type SilenceOutcome = Extract<OutcomeName, 'requestInProgress' | 'timeout'>

/** A 2xx of 200 means that the money moved, and only `paid` says so. */
export function judge(answer: ChannelAnswer, silence: SilenceOutcome = 'requestInProgress'): Verdict {
  switch (answer.kind) {
    case 'paid':
      return {
        ...verdict('paid', 'successful', answer.networkCode, answer.networkReferenceNo),
        ...(answer.linking && { linking: answer.linking }),
      }
    case 'waiting':
      return {
        ...verdict('waiting', 'requestInProgress', answer.networkCode, answer.networkReferenceNo),
        asking: answer,
      }
    case 'declined':
      return verdict('declined', answer.outcome, answer.networkCode)
    case 'reversed':
      return verdict('reversed', 'timeout', answer.networkCode)
    case 'unresolved':
      return verdict('unresolved', silence, answer.networkCode)
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
  const { referenceNo, partnerReferenceNo } = payment
  return replyWith(payment, outcome, { referenceNo, partnerReferenceNo })
}

/** The same with members of the caller's, which only a 2xx has. */
export function replyWith({ profile }: OpenPayment, outcome: OutcomeName, members: object): StoredReply {
  const { status } = OUTCOMES[outcome]
  const words = {
    responseCode: responseCode('payment-host-to-host', outcome, profile),
    responseMessage: responseMessage(outcome),
  }
  return { status, text: JSON.stringify(status < 300 ? { ...words, ...members } : words) }
}
