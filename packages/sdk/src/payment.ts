import type { Answer, Money } from './answers.ts'
import { objectMember, textMember } from './answers.ts'
import { KKI } from './channels.ts'
import { ValidationError } from './errors.ts'
import { checkReference, checkToken, demand, present, toAmount } from './field-rules.ts'
import { customerHeader } from './headers.ts'
import { conceal, isDone, type Operation, type Replied, replied } from './operation.ts'

export const PAYMENT_PATH = '/direct-debit/core/v1/debit/payment-host-to-host'

export interface LineItem {
  readonly name: string
  /** Rupiah with two decimals, or a bigint of minor units. */
  readonly price: string | bigint
  readonly quantity: number
}

interface Order {
  /** Your number of the order, 1 to 64 characters. */
  readonly partnerReferenceNo: string
  /** Rupiah with two decimals ("10000.00"), or a bigint of minor units (1000000n). */
  readonly amount: string | bigint
  readonly customer?: {
    readonly customerId?: string
    readonly customerName?: string
    readonly postalCode?: string
  }
  readonly lineItems?: readonly LineItem[]
  readonly remarks?: string
  /** Replaces the host of your notification URL for this payment; the path must be the same. */
  readonly overrideNotificationUrl?: string
  /** The customer's token of `customerToken()`, for gateways that ask for it. */
  readonly customerToken?: string
  /** Sent as it stands; `channel` is filled in when absent, and wins over the members above. */
  readonly additionalInfo?: Readonly<Record<string, unknown>>
  /** Your own X-EXTERNAL-ID, to repeat an earlier call after a restart. Made for you when absent. */
  readonly externalId?: string
}

/** A payment with a card that is not kept, or is to be kept. */
export interface CardOrder extends Order {
  /** CPAN: the 16 to 20 digits of the card. */
  readonly chargeToken: string
  /** OTT: the 8 digits that the issuer's application shows. */
  readonly otp: string
  /** Keep the card: the token comes by notification and `status()`, once the cardholder has agreed. */
  readonly keepCard?: boolean
  readonly bankCardToken?: never
  readonly recurring?: never
}

/** A payment with a card that was kept. */
export interface TokenOrder extends Order {
  /** Of `verifyOtp()`, a notification, or `status()`. */
  readonly bankCardToken: string
  /** Charge without asking the cardholder, as agreed for a subscription. */
  readonly recurring?: boolean
  /** OTT, when the issuer wants one for a kept card, too. */
  readonly otp?: string
  readonly deviceId?: string
  /** The externalId of the call that kept the card. */
  readonly originalRequestId?: string
  readonly chargeToken?: never
  readonly keepCard?: never
}

export type PaymentOrder = CardOrder | TokenOrder

export interface Payment extends Replied {
  /** `paid`: the money has moved. `pending`: not known yet; ask `status()` until it is. */
  readonly status: 'paid' | 'pending'
  readonly money: Money
  readonly partnerReferenceNo: string
  /** The gateway's number of the payment. */
  readonly referenceNo: string | undefined
  /** Send the customer there: nothing is paid before they have confirmed. Never with Kartu Kredit Indonesia. */
  readonly redirectUrl: string | undefined
}

/** @throws ValidationError that names the field, never its value. */
export function payment(order: PaymentOrder): Operation<Payment> {
  const { amount, partnerReferenceNo, customerToken } = order
  checkReference('partnerReferenceNo', partnerReferenceNo)
  const means = order.bankCardToken === undefined ? cardMeans(order) : tokenMeans(order)
  return {
    path: PAYMENT_PATH,
    subject: 'payment',
    headers: customerHeader(customerToken),
    externalId: order.externalId,
    body: {
      partnerReferenceNo,
      amount: toAmount('amount', amount),
      ...means.body,
      additionalInfo: {
        channel: KKI,
        ...means.more,
        ...present({
          customer: order.customer,
          lineItems: order.lineItems?.map(toLineItem),
          remarks: order.remarks,
          overrideNotificationUrl: order.overrideNotificationUrl,
        }),
        ...order.additionalInfo,
      },
    },
    read: (answer, externalId) => readPayment(answer, partnerReferenceNo, externalId),
  }
}

interface Means {
  readonly body: Readonly<Record<string, unknown>>
  readonly more: Readonly<Record<string, unknown>>
}

function cardMeans({ chargeToken, otp, keepCard, recurring }: CardOrder): Means {
  demand(/^9360\d{12,16}$/.test(chargeToken), 'chargeToken', 'must be 16 to 20 digits that begin with 9360.')
  demand(/^\d{8}$/.test(otp), 'otp', 'must be 8 digits.')
  demand(!recurring, 'recurring', 'needs a bankCardToken.')
  return { body: { chargeToken, otp }, more: keepCard ? { isBindAndPay: 'Y' } : {} }
}

function tokenMeans(order: TokenOrder): Means {
  const { bankCardToken, recurring, otp, deviceId, originalRequestId } = order
  checkToken('bankCardToken', bankCardToken)
  demand(otp === undefined || /^\d{8}$/.test(otp), 'otp', 'must be 8 digits.')
  demand(!order.keepCard, 'keepCard', 'needs chargeToken and otp: the card behind a token is kept already.')
  return {
    body: present({ bankCardToken, otp }),
    more: present({ deviceId, originalRequestId, paymentType: recurring ? 'RECURRING' : undefined }),
  }
}

export function toLineItem({ name, price, quantity }: LineItem, index: number) {
  const field = `lineItems.${index}`
  if (!Number.isSafeInteger(quantity) || quantity < 1) {
    throw new ValidationError(`${field}.quantity`, 'must be a whole number from 1.')
  }
  return { name, price: toAmount(`${field}.price`, price).value, quantity }
}

/** A reply that sends the customer to a page says nothing of money yet, whatever its code. */
export function readPayment(answer: Answer, partnerReferenceNo: string, externalId: string): Payment {
  const redirectUrl =
    textMember(answer.body, 'webRedirectUrl') ??
    textMember(objectMember(answer.body, 'additionalInfo'), 'webRedirectUrl')
  const isPaid = isDone(answer) && redirectUrl === undefined
  return conceal({
    status: isPaid ? 'paid' : 'pending',
    money: isPaid ? 'moved' : 'unknown',
    partnerReferenceNo,
    referenceNo: textMember(answer.body, 'referenceNo'),
    redirectUrl,
    ...replied(answer, externalId),
  })
}
