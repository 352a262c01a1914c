import type { Profile } from '@gerbang/snap'
import type { Open } from '../channels/inquiries.ts'
import type { RefundState } from './states.ts'

/** What is known of a refund while the network is asked: enough to answer and to tell others. */
export interface OpenRefund {
  readonly partnerId: string
  readonly profile: Profile
  readonly externalId: string
  /** Ours. */
  readonly refundNo: string
  readonly partnerRefundNo: string
  readonly originalReferenceNo: string
  readonly originalPartnerReferenceNo: string
  readonly channel: string
  readonly amountMinor: bigint
  readonly reason: string
  readonly createdAt: number
  /** Epoch milliseconds after which the network must not give the money back any more. */
  readonly expiresAt: number
}

/** A request that passed every check, about to be claimed. */
export interface RefundOrder {
  readonly refund: OpenRefund
  /** 32 bytes: which request this is. */
  readonly fingerprint: Buffer
}

/** A refund whose time has come to be asked about. */
export interface DueRefund extends OpenRefund, Open {
  readonly state: RefundState
}

/** A line of `refundHistory`. */
export interface KnownRefund {
  readonly refundNo: string
  readonly partnerRefundNo: string
  readonly amountMinor: bigint
  readonly state: RefundState
  readonly reason: string
  /** When it was settled, or begun when it is not. */
  readonly at: number
}

export interface RefundHistory {
  /** In the order in which they were asked for. */
  readonly refunds: readonly KnownRefund[]
  readonly isFullyRefunded: boolean
  /** It was called off, which is no refund. */
  readonly isCancelled: boolean
}
