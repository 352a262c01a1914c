import {
  type Answer,
  type Money,
  type OtherString,
  type OutcomeName,
  outcomeOf,
  textMember,
} from './answers.ts'
import { ValidationError } from './errors.ts'

export const STATUS_PATH = '/orders/v1.0/debit/status'

/** At least one of the three numbers of a payment. */
export interface StatusQuestion {
  /** Your number of the order. */
  readonly originalPartnerReferenceNo?: string
  /** The gateway's number. */
  readonly originalReferenceNo?: string
  /** The X-EXTERNAL-ID of the payment request. */
  readonly originalExternalId?: string
}

export interface PaymentStatus {
  readonly status: 'paid' | 'pending' | 'refunded' | 'cancelled' | 'failed' | 'not-found' | OtherString
  /** `moved` also for `refunded`: it moved and came back. */
  readonly money: Money
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

const MEANINGS: Readonly<Record<string, { status: string; money: Money }>> = {
  '00': { status: 'paid', money: 'moved' },
  '01': { status: 'pending', money: 'unknown' },
  '02': { status: 'pending', money: 'unknown' },
  '03': { status: 'pending', money: 'unknown' },
  '04': { status: 'refunded', money: 'moved' },
  '05': { status: 'cancelled', money: 'not-moved' },
  '06': { status: 'failed', money: 'not-moved' },
  '07': { status: 'not-found', money: 'unknown' },
}

/** The body of a status request. @throws ValidationError */
export function statusBody(question: StatusQuestion): Record<string, unknown> {
  const { originalPartnerReferenceNo, originalReferenceNo, originalExternalId } = question
  const numbers = Object.entries({ originalPartnerReferenceNo, originalReferenceNo, originalExternalId })
  const known = numbers.filter(([, value]) => value !== undefined && value !== '')
  if (known.length === 0) {
    throw new ValidationError(
      'originalPartnerReferenceNo',
      'or originalReferenceNo or originalExternalId must be given.',
    )
  }
  return { ...Object.fromEntries(known), serviceCode: '55' }
}

/** Reads a 2xx answer to a status request. */
export function readStatus(answer: Answer): PaymentStatus {
  const latest = textMember(answer.body, 'latestTransactionStatus') ?? ''
  const meaning = MEANINGS[latest] ?? { status: latest, money: 'unknown' as const }
  const originalResponseCode = textMember(answer.body, 'originalResponseCode')
  return {
    ...meaning,
    latestTransactionStatus: latest,
    transactionStatusDesc: textMember(answer.body, 'transactionStatusDesc'),
    originalPartnerReferenceNo: textMember(answer.body, 'originalPartnerReferenceNo'),
    originalReferenceNo: textMember(answer.body, 'originalReferenceNo'),
    originalExternalId: textMember(answer.body, 'originalExternalId'),
    originalResponseCode,
    originalResponseMessage: textMember(answer.body, 'originalResponseMessage'),
    outcome: originalResponseCode === undefined ? undefined : outcomeOf(originalResponseCode),
    amount: amountOf(answer.body.transAmount),
    paidTime: textMember(answer.body, 'paidTime'),
    reply: answer.body,
  }
}

function amountOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null
    ? textMember(value as Record<string, unknown>, 'value')
    : undefined
}
