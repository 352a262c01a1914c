import type { OutcomeName, Profile } from '@gerbang/snap'

export type CancellationState = 'submitted' | 'unresolved' | 'cancelled' | 'refused'

/** A wish to call a payment off, as far as it must be known to answer, to tell others and to ask again. */
export interface Cancellation {
  readonly partnerId: string
  readonly profile: Profile
  /** Ours. */
  readonly cancelNo: string
  /** The payment. */
  readonly referenceNo: string
  readonly partnerReferenceNo: string
  readonly channel: string
  readonly amountMinor: bigint
  /** Undefined when the customer called it off on the hosted page. */
  readonly externalId: string | undefined
  readonly reason: string
  /** Epoch milliseconds. */
  readonly createdAt: number
}

/** How it stands, as it is answered. */
export interface Standing {
  readonly state: CancellationState
  readonly outcome: OutcomeName
  /** Epoch milliseconds; undefined while it is open. */
  readonly settledAt: number | undefined
}

/** One whose time has come to be asked about. */
export interface DueCancellation extends Cancellation {
  readonly state: CancellationState
  /** How often the network was asked before this time. */
  readonly inquiries: number
  /** The money has moved, as far as we know. */
  readonly isPaid: boolean
}

export function isOpen(state: CancellationState): boolean {
  return state === 'submitted' || state === 'unresolved'
}
