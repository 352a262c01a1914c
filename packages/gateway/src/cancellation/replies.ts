import { formatTimestamp, OUTCOMES, responseCode, responseMessage } from '@gerbang/snap'
import type { StoredReply } from '../reply.ts'
import type { Cancellation, Standing } from './cancellation.ts'

/** The reply of service 57: 200 when the payment is called off for certain, and not before. */
export function replyOf(
  one: Pick<Cancellation, 'profile' | 'referenceNo' | 'partnerReferenceNo'>,
  { outcome, settledAt }: Standing,
): StoredReply {
  const { status } = OUTCOMES[outcome]
  const words = {
    responseCode: responseCode('cancel', outcome, one.profile),
    responseMessage: responseMessage(outcome),
  }
  if (status >= 300) return { status, text: JSON.stringify(words) }
  const members = {
    ...words,
    originalPartnerReferenceNo: one.partnerReferenceNo,
    originalReferenceNo: one.referenceNo,
    ...(settledAt !== undefined && { cancelTime: formatTimestamp(settledAt) }),
  }
  return { status, text: JSON.stringify(members) }
}
