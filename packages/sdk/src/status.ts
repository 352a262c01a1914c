import {
  type Answer,
  amountMember,
  type Money,
  type OtherString,
  type OutcomeName,
  objectMember,
  outcomeOf,
  textMember,
} from './answers.ts'
import { presentNumbers } from './field-rules.ts'
import { conceal, type Operation } from './operation.ts'

const PATH = '/orders/v1.0/debit/status'

/** At least one of the three numbers of a payment. */
export interface StatusQuestion {
  /** Your number of the order. */
  readonly originalPartnerReferenceNo?: string
  /** The gateway's number. */
  readonly originalReferenceNo?: string
  /** The X-EXTERNAL-ID of the payment request. */
  readonly originalExternalId?: string
}

export interface RefundState {
  readonly status: 'refunded' | 'pending' | 'failed' | OtherString
  /** The gateway's number of the refund. */
  readonly refundNo: string | undefined
  /** Your number of the refund. */
  readonly partnerRefundNo: string | undefined
  /** Rupiah with two decimals. */
  readonly amount: string | undefined
  /** ISO 8601. */
  readonly time: string | undefined
  readonly reason: string | undefined
}

export type PaymentState =
  | 'paid'
  | 'pending'
  | 'refunded'
  | 'cancelled'
  | 'failed'
  | 'not-found'
  | OtherString

export interface PaymentStatus {
  readonly status: PaymentState
  /** The status will not change any more, but for refunds of what was paid. */
  readonly isFinal: boolean
  /** `moved` also for `refunded`: it moved and came back. */
  readonly money: Money
  /** Every refund of the payment, the oldest first. */
  readonly refunds: readonly RefundState[]
  /** The token of the card that the payment kept. */
  readonly bankCardToken: string | undefined
  /** What became of keeping the card: `SUCCESS` or `FAILED`. A payment may succeed without it. */
  readonly bindStatus: 'SUCCESS' | 'FAILED' | OtherString | undefined
  /** SNAP's two digits. */
  readonly latestTransactionStatus: string
  readonly transactionStatusDesc: string | undefined
  readonly originalPartnerReferenceNo: string | undefined
  readonly originalReferenceNo: string | undefined
  readonly originalExternalId: string | undefined
  /** What the payment call answered, or would have answered. */
  readonly originalResponseCode: string | undefined
  readonly originalResponseMessage: string | undefined
  readonly outcome: OutcomeName | OtherString | undefined
  /** Rupiah with two decimals. */
  readonly amount: string | undefined
  readonly paidTime: string | undefined
  /** The whole reply. */
  readonly reply: Readonly<Record<string, unknown>>
}

/** What two digits of `latestTransactionStatus` mean. */
export interface Meaning {
  readonly status: PaymentState
  readonly money: Money
  readonly isFinal: boolean
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  '00': { status: 'paid', money: 'moved', isFinal: true },
  '01': { status: 'pending', money: 'unknown', isFinal: false },
  '02': { status: 'pending', money: 'unknown', isFinal: false },
  '03': { status: 'pending', money: 'unknown', isFinal: false },
  '04': { status: 'refunded', money: 'moved', isFinal: true },
  '05': { status: 'cancelled', money: 'not-moved', isFinal: true },
  '06': { status: 'failed', money: 'not-moved', isFinal: true },
  // It may have been sent a moment ago.
  '07': { status: 'not-found', money: 'unknown', isFinal: false },
}

/** Digits that this version does not know say nothing about the money, and are not the end. */
export function meaningOf(latestTransactionStatus: string): Meaning {
  const known = MEANINGS[latestTransactionStatus]
  return known ?? { status: latestTransactionStatus, money: 'unknown', isFinal: false }
}

/** @throws ValidationError */
export function paymentStatus(question: StatusQuestion): Operation<PaymentStatus> {
  const { originalPartnerReferenceNo, originalReferenceNo, originalExternalId } = question
  const numbers = presentNumbers({ originalPartnerReferenceNo, originalReferenceNo, originalExternalId })
  return { path: PATH, subject: 'status', body: { ...numbers, serviceCode: '55' }, read: readStatus }
}

function readStatus(answer: Answer): PaymentStatus {
  const latest = textMember(answer.body, 'latestTransactionStatus') ?? ''
  const originalResponseCode = textMember(answer.body, 'originalResponseCode')
  const more = objectMember(answer.body, 'additionalInfo')
  return conceal({
    ...meaningOf(latest),
    refunds: readRefunds(answer.body.refundHistory),
    bankCardToken: textMember(more, 'bankCardToken'),
    bindStatus: textMember(more, 'bindStatus'),
    latestTransactionStatus: latest,
    transactionStatusDesc: textMember(answer.body, 'transactionStatusDesc'),
    originalPartnerReferenceNo: textMember(answer.body, 'originalPartnerReferenceNo'),
    originalReferenceNo: textMember(answer.body, 'originalReferenceNo'),
    originalExternalId: textMember(answer.body, 'originalExternalId'),
    originalResponseCode,
    originalResponseMessage: textMember(answer.body, 'originalResponseMessage'),
    outcome: originalResponseCode === undefined ? undefined : outcomeOf(originalResponseCode),
    amount: amountMember(answer.body, 'transAmount'),
    paidTime: textMember(answer.body, 'paidTime'),
    reply: answer.body,
  })
}

const REFUND_STATES: Readonly<Record<string, string>> = {
  '00': 'refunded',
  '01': 'pending',
  '02': 'pending',
  '03': 'pending',
  '04': 'refunded',
  '05': 'failed',
  '06': 'failed',
}

function readRefunds(history: unknown): RefundState[] {
  if (!Array.isArray(history)) return []
  return history.map((line: unknown) => {
    const refund = objectMember({ line }, 'line')
    const status = textMember(refund, 'refundStatus') ?? ''
    return {
      status: REFUND_STATES[status] ?? status,
      refundNo: textMember(refund, 'refundNo'),
      partnerRefundNo: textMember(refund, 'partnerReferenceNo'),
      amount: amountMember(refund, 'refundAmount'),
      time: textMember(refund, 'refundDate'),
      reason: textMember(refund, 'reason'),
    }
  })
}
