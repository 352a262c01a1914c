import { type Money, textMember } from './answers.ts'
import type { CardChannel } from './channels.ts'
import { present, presentNumbers, toAmount } from './field-rules.ts'
import { isDone, type Operation, type Replied, replied } from './operation.ts'
import type { StatusQuestion } from './status.ts'

const PATH = '/direct-debit/core/v1/debit/cancel'

/** At least one of the three numbers of the payment. */
export interface CancelOrder extends StatusQuestion {
  readonly channel: CardChannel
  /** All of the payment: another amount is refused. */
  readonly amount?: string | bigint
  readonly reason?: string
  readonly externalId?: string
}

export interface Cancellation extends Replied {
  /** `cancelled`: the customer pays nothing, or has it back. `pending`: not known yet; ask `status()`. */
  readonly status: 'cancelled' | 'pending'
  /** Of the payment that was called off. */
  readonly money: Money
  readonly originalPartnerReferenceNo: string | undefined
  readonly originalReferenceNo: string | undefined
  /** ISO 8601. */
  readonly cancelTime: string | undefined
}

/** @throws ValidationError */
export function cancellation(order: CancelOrder): Operation<Cancellation> {
  const { channel, amount, reason } = order
  const { originalPartnerReferenceNo, originalReferenceNo, originalExternalId } = order
  return {
    path: PATH,
    subject: 'cancellation',
    externalId: order.externalId,
    body: {
      ...presentNumbers({ originalPartnerReferenceNo, originalReferenceNo, originalExternalId }),
      ...(amount === undefined ? {} : { amount: toAmount('amount', amount) }),
      ...present({ reason }),
      additionalInfo: { channel },
    },
    read: (answer, externalId) => ({
      status: isDone(answer) ? 'cancelled' : 'pending',
      money: isDone(answer) ? 'not-moved' : 'unknown',
      originalPartnerReferenceNo: textMember(answer.body, 'originalPartnerReferenceNo'),
      originalReferenceNo: textMember(answer.body, 'originalReferenceNo'),
      cancelTime: textMember(answer.body, 'cancelTime'),
      ...replied(answer, externalId),
    }),
  }
}
