import { amountMember, type Money, type OtherString, objectMember, textMember } from './answers.ts'
import { NotificationError } from './notification-error.ts'
import { conceal } from './operation.ts'
import { meaningOf, type PaymentState } from './status.ts'

type Body = Readonly<Record<string, unknown>>

/** What became of a payment. */
export interface PaymentNotification {
  readonly type: 'payment'
  /** The same for every delivery of the same news: what to remember so as not to act twice. */
  readonly id: string
  readonly status: PaymentState
  /** `moved` also for `refunded`: it moved and came back. */
  readonly money: Money
  readonly isFinal: boolean
  /** SNAP's two digits. */
  readonly latestTransactionStatus: string
  readonly transactionStatusDesc: string | undefined
  readonly originalPartnerReferenceNo: string | undefined
  readonly originalReferenceNo: string | undefined
  readonly originalExternalId: string | undefined
  /** Rupiah with two decimals. */
  readonly amount: string | undefined
  readonly channel: string | undefined
  readonly custIdMerchant: string | undefined
  /** The token of the card that the payment kept. */
  readonly bankCardToken: string | undefined
  /** What became of keeping the card. A payment may succeed without it. */
  readonly bindStatus: 'SUCCESS' | 'FAILED' | OtherString | undefined
  /**
   * The access token of the customer, as `customerToken()` gave it last, where the gateway names the customer by one. No signature covers
   * it: it says whose payment this is, and proves nothing. Neither JSON nor a copy of this object has it.
   */
  readonly customerToken: string | undefined
  /** The whole body. */
  readonly body: Body
}

/** What became of a binding. */
export interface BindingNotification {
  readonly type: 'binding'
  /** The same for every delivery of the same news. */
  readonly id: string
  readonly status: 'bound' | 'failed' | 'pending' | 'unbound' | OtherString
  readonly originalExternalId: string | undefined
  readonly custIdMerchant: string | undefined
  /** What the binding was answered with: the key of `customerToken()` when it is `bound`, worth nothing when it has failed. */
  readonly authCode: string | undefined
  /** Stands for the card in `pay()` and `unbindCard()`. */
  readonly bankCardToken: string | undefined
  readonly body: Body
}

export type Notification = PaymentNotification | BindingNotification

/** @throws NotificationError when the body is neither of the two. */
export function readNotification(body: Body, customerToken?: string): Notification {
  const notification = textMember(body, 'latestTransactionStatus')
    ? readPayment(body, customerToken)
    : textMember(objectMember(body, 'additionalInfo'), 'status') && readBinding(body)
  if (!notification) {
    throw new NotificationError('notify', 'invalidMandatoryField', 'latestTransactionStatus')
  }
  return conceal(notification)
}

/** The body of the answer that says: received. Any HTTP status from 200 to 299 goes with it. */
export function acknowledge({ type }: Pick<Notification, 'type'>): {
  readonly responseCode: string
  readonly responseMessage: string
} {
  return type === 'payment'
    ? { responseCode: '2005600', responseMessage: 'Request has been processed successfully' }
    : { responseCode: '2000700', responseMessage: 'Successful' }
}

function readPayment(body: Body, customerToken: string | undefined): PaymentNotification {
  const more = objectMember(body, 'additionalInfo')
  const latest = textMember(body, 'latestTransactionStatus') ?? ''
  const numbers = {
    originalPartnerReferenceNo: textMember(body, 'originalPartnerReferenceNo'),
    originalReferenceNo: textMember(body, 'originalReferenceNo'),
    originalExternalId: textMember(body, 'originalExternalId'),
  }
  const number = numbers.originalReferenceNo ?? numbers.originalPartnerReferenceNo
  if (number === undefined) {
    throw new NotificationError('notify', 'invalidMandatoryField', 'originalReferenceNo')
  }
  const payment: Omit<PaymentNotification, 'customerToken'> = {
    type: 'payment',
    id: `${number}:${latest}`,
    ...meaningOf(latest),
    latestTransactionStatus: latest,
    transactionStatusDesc: textMember(body, 'transactionStatusDesc'),
    ...numbers,
    amount: amountMember(body, 'amount'),
    channel: textMember(more, 'channel') ?? textMember(more, 'channelId'),
    custIdMerchant: textMember(more, 'custIdMerchant'),
    bankCardToken: textMember(more, 'bankCardToken'),
    bindStatus: textMember(more, 'bindStatus'),
    body,
  }
  // Whoever stores or logs the news writes down no token with it.
  return Object.defineProperty({ ...payment, customerToken }, 'customerToken', { enumerable: false })
}

const BINDING_STATES: ReadonlyMap<string, string> = new Map([
  ['SUCCESS', 'bound'],
  ['FAILED', 'failed'],
  ['PENDING', 'pending'],
  ['UNBOUND', 'unbound'],
])

function readBinding(body: Body): BindingNotification {
  const more = objectMember(body, 'additionalInfo')
  const status = textMember(more, 'status') ?? ''
  const originalExternalId = textMember(body, 'originalExternalId')
  const authCode = textMember(more, 'authCode')
  const number = originalExternalId ?? authCode
  if (number === undefined) {
    throw new NotificationError('notify', 'invalidMandatoryField', 'originalExternalId')
  }
  return {
    type: 'binding',
    id: `${number}:${status}`,
    status: BINDING_STATES.get(status) ?? status,
    originalExternalId,
    custIdMerchant: textMember(more, 'custIdMerchant'),
    authCode,
    bankCardToken: textMember(more, 'bankCardToken'),
    body,
  }
}
