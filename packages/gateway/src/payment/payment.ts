import type { HeaderValues, PaymentBody, PaymentVariant, Profile } from '@gerbang/snap'
import type { Customer } from '../auth/authenticate.ts'
import type { ChargeInstruction } from '../channels/channel.ts'
import type { ChargeSource, PayPart } from '../channels/charge-source.ts'
import type { Flow } from '../channels/profile.ts'
import type { Secret } from '../secret.ts'
import type { PaymentState } from './states.ts'

/** Who asks, and by which rules they want to be answered. */
export interface Claimant {
  readonly partnerId: string
  readonly profile: Profile
  readonly externalId: string
}

/** A checked request of a partner: the body, the headers that it may want to hear of again, and whose token came with it. */
export interface PaymentRequest {
  readonly body: PaymentBody
  readonly headers: HeaderValues
  readonly customer?: Customer | undefined
}

/** How the customer of a payment is met: on a page, or by the partner, and where a page sends them back to. */
export interface Visiting {
  readonly flow: Flow
  readonly successUrl: string | undefined
  readonly failedUrl: string | undefined
}

/** What stays of a payment while the network is asked: enough to answer and to tell others, and no card. */
export interface OpenPayment {
  readonly partnerId: string
  readonly profile: Profile
  readonly referenceNo: string
  readonly partnerReferenceNo: string
  readonly externalId: string
  readonly channel: string
  readonly amountMinor: bigint
  readonly variant: PaymentVariant
  readonly createdAt: number
  readonly expiresAt: number
}

/** Whose card is charged, as the partner names it. */
export type OrderSource =
  | Extract<ChargeSource, { kind: 'card' | 'jump-app' }>
  | {
      readonly kind: 'token'
      readonly bankCardToken: string
      readonly oneTimeToken: Secret | undefined
      readonly isRecurring: boolean
      /** It was named by the token of a customer. */
      readonly isCustomers?: true
      /** There is a page that can ask for a PIN. */
      readonly canAskPin?: boolean
      readonly paidWith?: readonly PayPart[] | undefined
    }

/** A kept card as the claim finds it: what it is sealed under, and the network's token. */
export interface SealedCard {
  readonly dataKeySealed: string
  readonly networkTokenSealed: string
}

/** A request that passed every check, about to be claimed. */
export interface Order {
  readonly payment: OpenPayment
  readonly instruction: Omit<ChargeInstruction, 'source'>
  readonly source: OrderSource
  /** 32 bytes: which request this is, with two bytes at most of the OTT (card/fingerprint.ts). */
  readonly fingerprint: Buffer
  /** Null with a kept card, which is sealed in a place of its own. */
  readonly cardSealed: string | null
  /** Empty when the partner gave no card number. */
  readonly cardLookup: Buffer
  readonly issuerNumber: string
  /** JSON of what the partner wants to be told again, or null. */
  readonly particulars: string | null
}

/** A payment as a partner may ask for it. */
export interface KnownPayment {
  readonly referenceNo: string
  readonly partnerReferenceNo: string
  readonly externalId: string
  readonly channel: string
  readonly state: PaymentState
  readonly outcome: string | undefined
  readonly variant: PaymentVariant
  /** The token that a V2 payment was given, or that of the kept card that was charged. */
  readonly bankCardToken: string | undefined
  readonly bindState: 'wanted' | 'bound' | 'declined' | undefined
  /** How its customer is met; undefined where nobody has to be. */
  readonly flow: Flow | undefined
  readonly amountMinor: bigint
  readonly networkReferenceNo: string | undefined
  readonly createdAt: number
  readonly settledAt: number | undefined
}

/** Under which names a partner may ask for a payment. */
export interface PaymentNames {
  readonly partnerReferenceNo?: string | undefined
  readonly referenceNo?: string | undefined
  readonly externalId?: string | undefined
}
