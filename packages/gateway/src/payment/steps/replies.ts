import {
  formatTimestamp,
  type Operation,
  OUTCOMES,
  type OutcomeName,
  responseCode,
  responseMessage,
} from '@gerbang/snap'
import type { StoredReply } from '../../reply.ts'
import type { OpenPayment } from '../payment.ts'
import { replyWith, type Verdict } from '../verdict.ts'
import type { SteppedPayment } from './stepped.ts'

/**
 * What service 54 answers about a payment that a customer confirms. With a way for the customer to go, HTTP 200 in the profile `doku`,
 * whose clients read nothing else: the way says that nothing is paid yet. In the profile `snap` the same is a 202.
 */
export function paymentReply(
  payment: OpenPayment,
  verdict: Pick<Verdict, 'state' | 'outcome'>,
  way: string | undefined,
): StoredReply {
  const { referenceNo, partnerReferenceNo, profile, variant } = payment
  const isPaid = verdict.state === 'paid'
  const isOpen = way !== undefined && (verdict.state === 'waiting' || verdict.state === 'unresolved')
  const references = { partnerReferenceNo, referenceNo }
  if (!isPaid && !isOpen) return replyWith(payment, verdict.outcome, references)
  const outcome = isPaid || profile === 'doku' ? 'successful' : 'requestInProgress'
  // Clients of these channels want the member in every success.
  const webRedirectUrl = way ?? ''
  const more = variant === 'V5' ? { additionalInfo: { webRedirectUrl } } : {}
  return replyWith(payment, outcome, { webRedirectUrl, ...references, ...more })
}

/** The reply of service 04 for a payment: 200 when the money has moved, and not before. */
export function verificationReply(payment: SteppedPayment, outcome: OutcomeName): StoredReply {
  return replyFor('otp-verification', payment, { outcome, members: {} })
}

/** The reply of service 81 for a payment. */
export function resendReply(payment: SteppedPayment, outcome: OutcomeName): StoredReply {
  const at = payment.step?.otpExpiresAt
  const more = at === undefined ? {} : { additionalInfo: { otpExpiresAt: formatTimestamp(at) } }
  return replyFor('otp', payment, { outcome, members: { chargeToken: payment.referenceNo, ...more } })
}

function replyFor(
  operation: Operation,
  { profile, referenceNo }: SteppedPayment,
  { outcome, members }: { readonly outcome: OutcomeName; readonly members: object },
): StoredReply {
  const { status } = OUTCOMES[outcome]
  const words = {
    responseCode: responseCode(operation, outcome, profile),
    responseMessage: responseMessage(outcome),
  }
  const told = status < 300 ? { ...words, originalReferenceNo: referenceNo, ...members } : words
  return { status, text: JSON.stringify(told) }
}
