import type { PaymentVariant } from '@gerbang/snap'
import type { PaymentState } from '../../payment/states.ts'

/** A payment as a notification tells of it. */
export interface PaymentSubject {
  readonly partnerReferenceNo: string
  readonly referenceNo: string
  readonly externalId: string
  readonly channel: string
  readonly state: PaymentState
  readonly amountMinor: bigint
  readonly variant: PaymentVariant
  readonly bindState: 'wanted' | 'bound' | 'declined' | undefined
  readonly bankCardToken: string | undefined
  /** The customer who bound the card that was charged. */
  readonly customerId: string | undefined
  /** The kept card or account that was charged, under the name that customers' tokens give it. */
  readonly account: NotifiedAccount | undefined
  /** What the partner sent: custIdMerchant, lineItems, deviceId, ipAddress, paymentType, notificationUrl. */
  readonly particulars: Readonly<Record<string, unknown>>
}

export interface NotifiedAccount {
  readonly accountId: string
  /** When its customer's latest token ends, in epoch milliseconds; undefined when none was issued. */
  readonly tokenEndsAt: number | undefined
}

export interface BindingSubject {
  readonly kind: 'card' | 'account'
  readonly referenceNo: string
  readonly externalId: string
  readonly channel: string
  readonly customerId: string
  /** Set when the binding succeeded, also if it has ended since. */
  readonly bankCardToken: string | undefined
  /** Epoch milliseconds. */
  readonly createdAt: number
}

export interface Subjects {
  /** By `partnerId|number`. */
  readonly payments: ReadonlyMap<string, PaymentSubject>
  readonly bindings: ReadonlyMap<string, BindingSubject>
}
