import type { Profile } from '@gerbang/snap'
import type { ChargeInstruction } from '../channels/channel.ts'
import type { PaymentState } from './states.ts'

/** Who asks, and by which rules they want to be answered. */
export interface Claimant {
  readonly partnerId: string
  readonly profile: Profile
  readonly externalId: string
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
  readonly createdAt: number
  readonly expiresAt: number
}

/** A request that passed every check, about to be claimed. */
export interface Order {
  readonly payment: OpenPayment
  readonly instruction: ChargeInstruction
  /** 32 bytes: which request this is, with two bytes at most of the OTT (card/fingerprint.ts). */
  readonly fingerprint: Buffer
  readonly cardSealed: string
  readonly cardLookup: Buffer
  readonly issuerNumber: string
}

/** A payment as a partner may ask for it. */
export interface KnownPayment {
  readonly referenceNo: string
  readonly partnerReferenceNo: string
  readonly externalId: string
  readonly channel: string
  readonly state: PaymentState
  readonly outcome: string | undefined
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
