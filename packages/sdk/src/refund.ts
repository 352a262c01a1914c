import { type Answer, amountMember, type Money, textMember } from './answers.ts'
import { type AccountChannel, type CardChannel, KKI, type WalletChannel } from './channels.ts'
import { checkReference, demand, present, presentNumbers, toAmount } from './field-rules.ts'
import { customerHeader, deviceHeaders } from './headers.ts'
import { isDone, type Operation, type Replied, replied } from './operation.ts'
import type { StatusQuestion } from './status.ts'

const PATH = '/direct-debit/core/v1/debit/refund'

interface Order extends StatusQuestion {
  /** Your number of this refund, 1 to 64 characters. The same one again never refunds twice. */
  readonly partnerRefundNo: string
  /** Rupiah with two decimals ("10000.00"), or a bigint of minor units. Part of the payment or all of it. */
  readonly amount: string | bigint
  readonly deviceId?: string
  readonly reason?: string
  /** The customer's token of `customerToken()`, for channels that ask for it. */
  readonly customerToken?: string
  readonly externalId?: string
}

/** At least one of the three numbers of the payment, and what of it goes back. */
export type RefundOrder = Order &
  (
    | {
        /** That of the payment when absent. */
        readonly channel?: typeof KKI
        /**
         * The IP address of whoever asked for the refund: a customer's, or your server's for a refund of your own.
         * The protocol wants it on refunds of Kartu Kredit Indonesia, so it has no default.
         */
        readonly ipAddress: string
      }
    | { readonly channel: CardChannel | AccountChannel | WalletChannel; readonly ipAddress?: string }
  )

export interface RefundResult extends Replied {
  /** `refunded`: the money has gone back. `pending`: not known yet; `status()` says it under `refunds`. */
  readonly status: 'refunded' | 'pending'
  /** Of the refund: `moved` when it has gone back. */
  readonly money: Money
  readonly partnerRefundNo: string
  /** The gateway's number of the refund. */
  readonly refundNo: string | undefined
  /** Rupiah with two decimals. */
  readonly amount: string
  /** ISO 8601. */
  readonly refundTime: string | undefined
  readonly originalPartnerReferenceNo: string | undefined
  readonly originalReferenceNo: string | undefined
}

/** @throws ValidationError */
export function refund(order: RefundOrder): Operation<RefundResult> {
  const { originalPartnerReferenceNo, originalReferenceNo, originalExternalId, reason } = order
  const { channel, ipAddress, deviceId } = order
  const isOfOther = channel !== undefined && channel !== KKI
  demand(isOfOther || ipAddress !== undefined, 'ipAddress', 'must be given for this channel.')
  const partnerRefundNo = checkReference('partnerRefundNo', order.partnerRefundNo)
  const refundAmount = toAmount('amount', order.amount)
  return {
    path: PATH,
    subject: 'refund',
    headers: { ...deviceHeaders({ deviceId, ipAddress }), ...customerHeader(order.customerToken) },
    externalId: order.externalId,
    body: {
      partnerRefundNo,
      refundAmount,
      ...presentNumbers({ originalPartnerReferenceNo, originalReferenceNo, originalExternalId }),
      ...present({ reason }),
      ...(channel === undefined ? {} : { additionalInfo: { channel } }),
    },
    read: (answer, externalId) => read(answer, { partnerRefundNo, amount: refundAmount.value, externalId }),
  }
}

interface Asked {
  readonly partnerRefundNo: string
  readonly amount: string
  readonly externalId: string
}

function read(answer: Answer, { partnerRefundNo, amount, externalId }: Asked): RefundResult {
  return {
    status: isDone(answer) ? 'refunded' : 'pending',
    money: isDone(answer) ? 'moved' : 'unknown',
    partnerRefundNo,
    refundNo: textMember(answer.body, 'refundNo'),
    amount: amountMember(answer.body, 'refundAmount') ?? amount,
    refundTime: textMember(answer.body, 'refundTime'),
    originalPartnerReferenceNo: textMember(answer.body, 'originalPartnerReferenceNo'),
    originalReferenceNo: textMember(answer.body, 'originalReferenceNo'),
    ...replied(answer, externalId),
  }
}
