import type { Money } from '@gerbang/snap'

/**
 * What one request has to say for itself, written as one line at its end. Every station adds what it knows; nobody
 * adds a card number, a token or a secret, for there is no member to hold one.
 */
export interface Line {
  operation: string
  partner?: string
  externalId?: string
  partnerReferenceNo?: string
  referenceNo?: string
  channel?: string
  /** Which of KKI's four payments. */
  variant?: string
  state?: string
  responseCode?: string | undefined
  money?: Money
  bodyForm?: string
  /** Headers that the pages of the channel call mandatory, and that were not sent. */
  missingHeaders?: string
  /** What the network said, and why that is no clear word if it is none. */
  network?: string
  cause?: string
  /** Milliseconds. */
  claimMs?: number
  networkMs?: number
  settleMs?: number
  fault?: unknown
}
