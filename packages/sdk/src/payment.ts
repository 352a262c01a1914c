import { formatAmount, parseAmount } from '@gerbang/snap/amount'
import { type Answer, type Money, textMember } from './answers.ts'
import { ValidationError } from './errors.ts'

export const PAYMENT_PATH = '/direct-debit/core/v1/debit/payment-host-to-host'

export interface PaymentOrder {
  /** Your number of the order, 1 to 64 characters. */
  readonly partnerReferenceNo: string
  /** Rupiah with two decimals ("10000.00"), or a bigint of minor units (1000000n). */
  readonly amount: string | bigint
  /** CPAN: the 16 to 20 digits of the card. */
  readonly chargeToken: string
  /** OTT: the 8 digits that the issuer's application shows. */
  readonly otp: string
  /** Sent as it stands; `channel` is filled in when absent. */
  readonly additionalInfo?: Readonly<Record<string, unknown>>
  /** Your own X-EXTERNAL-ID, to repeat an earlier call after a restart. Made for you when absent. */
  readonly externalId?: string
}

export interface Payment {
  /** `paid`: the money has moved. `pending`: not known yet; ask `status()` until it is. */
  readonly status: 'paid' | 'pending'
  readonly money: Money
  readonly partnerReferenceNo: string
  /** The gateway's number of the payment. */
  readonly referenceNo: string | undefined
  readonly externalId: string
  readonly responseCode: string
  readonly responseMessage: string
  /** True when this is the stored answer of an earlier attempt with the same externalId. */
  readonly isReplay: boolean
  /** The whole reply. */
  readonly reply: Readonly<Record<string, unknown>>
}

/** The body of a payment. @throws ValidationError that names the field, never its value. */
export function paymentBody(order: PaymentOrder): Record<string, unknown> {
  const amount = typeof order.amount === 'bigint' ? order.amount : parseAmount(String(order.amount))
  demand(
    /^[\x20-\x7e]{1,64}$/.test(order.partnerReferenceNo),
    'partnerReferenceNo',
    'must be 1 to 64 printable ASCII characters.',
  )
  demand(
    /^9360\d{12,16}$/.test(order.chargeToken),
    'chargeToken',
    'must be 16 to 20 digits that begin with 9360.',
  )
  demand(/^\d{8}$/.test(order.otp), 'otp', 'must be 8 digits.')
  if (amount === undefined || amount <= 0n || amount >= 10n ** 18n) {
    throw new ValidationError(
      'amount',
      'must be a positive string with two decimals such as "10000.00", or a bigint of minor units.',
    )
  }
  return {
    partnerReferenceNo: order.partnerReferenceNo,
    amount: { value: formatAmount(amount), currency: 'IDR' },
    chargeToken: order.chargeToken,
    otp: order.otp,
    additionalInfo: { channel: 'KARTU_KREDIT_INDONESIA_SNAP', ...order.additionalInfo },
  }
}

/** @throws ValidationError */
export function checkExternalId(externalId: string): string {
  demand(
    /^[\x21-\x7e]{1,36}$/.test(externalId),
    'externalId',
    'must be 1 to 36 printable ASCII characters without spaces.',
  )
  return externalId
}

/** Reads a 2xx answer. Only `200…00` says that the money moved. */
export function readPayment(answer: Answer, order: PaymentOrder, externalId: string): Payment {
  const isPaid = answer.responseCode.startsWith('200') && answer.responseCode.endsWith('00')
  return {
    status: isPaid ? 'paid' : 'pending',
    money: isPaid ? 'moved' : 'unknown',
    partnerReferenceNo: order.partnerReferenceNo,
    referenceNo: textMember(answer.body, 'referenceNo'),
    externalId,
    responseCode: answer.responseCode,
    responseMessage: answer.responseMessage,
    isReplay: answer.replayed,
    reply: answer.body,
  }
}

/**
 * What a refusal says about the money. After an open attempt it speaks for itself only when it is the stored answer:
 * another one may have been given before the gateway looked for the earlier attempt. A conflict speaks of an earlier
 * request by its nature.
 */
export function moneyAfterRefusal(answer: Answer, isEarlierOpen: boolean): Money | undefined {
  if (answer.replayed) return undefined
  return isEarlierOpen || answer.httpStatus === 409 ? 'unknown' : undefined
}

function demand(isRight: boolean, field: string, rule: string): void {
  if (!isRight) throw new ValidationError(field, rule)
}
