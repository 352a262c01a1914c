import { type Money, textMember } from './answers.ts'
import type { AccountChannel } from './channels.ts'
import { checkReference, demand, present, presentNumbers, toAmount } from './field-rules.ts'
import { customerHeader, deviceHeaders } from './headers.ts'
import { isDone, type Operation, type Replied, replied } from './operation.ts'
import { type LineItem, PAYMENT_PATH, type Payment, readPayment, toLineItem } from './payment.ts'
import type { StatusQuestion } from './status.ts'

const VERIFICATION_PATH = '/direct-debit/core/v1/otp-verification'

/** A payment from what the customer's token stands for: an account, or a card that is kept. */
export interface AccountOrder {
  readonly channel: AccountChannel
  /** Your number of the order; some channels take no more than 12 characters, some no fewer than 32. */
  readonly partnerReferenceNo: string
  /** Rupiah with two decimals ("10000.00"), or a bigint of minor units (1000000n). */
  readonly amount: string | bigint
  /** Of `customerToken()`. */
  readonly customerToken: string
  /** Where the page sends the customer afterwards; wanted with the flow `host-to-host` too. */
  readonly successUrl: string
  readonly failedUrl: string
  /** Who asks for the code: the gateway's `page` (the default), or your own, from `host-to-host`. */
  readonly flow?: 'page' | 'host-to-host'
  /** Charge without asking the customer, as agreed for a subscription. */
  readonly recurring?: boolean
  readonly remarks?: string
  readonly lineItems?: readonly LineItem[]
  readonly payOptionDetails?: readonly Readonly<Record<string, unknown>>[]
  readonly feeType?: 'OUR' | 'BEN' | 'SHA'
  /** The customer's, where the channel asks for it. */
  readonly ipAddress?: string
  /** Sent as it stands; wins over the members above. */
  readonly additionalInfo?: Readonly<Record<string, unknown>>
  readonly externalId?: string
}

/** @throws ValidationError that names the field, never its value. */
export function accountPayment(order: AccountOrder): Operation<Payment> {
  const { channel, amount, customerToken, flow = 'page', recurring } = order
  const partnerReferenceNo = checkReference('partnerReferenceNo', order.partnerReferenceNo)
  demand(flow === 'page' || flow === 'host-to-host', 'flow', 'must be "page" or "host-to-host".')
  return {
    path: PAYMENT_PATH,
    subject: 'debit',
    headers: {
      ...deviceHeaders({ ipAddress: order.ipAddress }),
      ...customerHeader(customerToken),
      'x-channel-id': flow === 'page' ? 'DH' : 'H2H',
    },
    externalId: order.externalId,
    body: {
      partnerReferenceNo,
      amount: toAmount('amount', amount),
      ...present({ payOptionDetails: order.payOptionDetails, feeType: order.feeType }),
      additionalInfo: {
        channel,
        successPaymentUrl: order.successUrl,
        failedPaymentUrl: order.failedUrl,
        ...present({
          remarks: order.remarks,
          paymentType: recurring === undefined ? undefined : recurring ? 'RECURRING' : 'SALE',
          lineItems: order.lineItems?.map(toLineItem),
        }),
        ...order.additionalInfo,
      },
    },
    read: (answer, externalId) => readPayment(answer, partnerReferenceNo, externalId),
  }
}

/** The code that the customer gave you for a payment with the flow `host-to-host`. */
export interface ConfirmOrder extends Omit<StatusQuestion, 'originalExternalId'> {
  readonly channel: AccountChannel
  readonly customerToken: string
  readonly otp: string
  readonly externalId?: string
}

export interface Confirmation extends Replied {
  /** `paid`: the money has moved. `pending`: not known yet; ask `status()` until it is. */
  readonly status: 'paid' | 'pending'
  readonly money: Money
  readonly originalReferenceNo: string | undefined
}

/** @throws ValidationError that names the field, never its value. */
export function confirmation(order: ConfirmOrder): Operation<Confirmation> {
  const { channel, customerToken, otp, originalPartnerReferenceNo, originalReferenceNo } = order
  demand(/^\d{4,8}$/.test(otp), 'otp', 'must be 4 to 8 digits.')
  return {
    path: VERIFICATION_PATH,
    subject: 'debit',
    headers: customerHeader(customerToken),
    externalId: order.externalId,
    body: {
      otp,
      action: 'otpPayment',
      ...presentNumbers({ originalPartnerReferenceNo, originalReferenceNo }),
      additionalInfo: { channel, bankCardToken: customerToken },
    },
    read: (answer, externalId) => ({
      status: isDone(answer) ? 'paid' : 'pending',
      money: isDone(answer) ? 'moved' : 'unknown',
      originalReferenceNo: textMember(answer.body, 'originalReferenceNo'),
      ...replied(answer, externalId),
    }),
  }
}
