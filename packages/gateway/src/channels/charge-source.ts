import type { Secret } from '../secret.ts'

/** So much of a charge, and the kind of money that it is paid with, as the profile's `methods` name it. */
export interface PayPart {
  readonly method: string
  readonly amountMinor: bigint
}

/** Whose card is charged: the number that the cardholder gave, or one that was kept. */
export type ChargeSource =
  | {
      readonly kind: 'card'
      /** CPAN. */
      readonly chargeToken: Secret
      /** OTT: lives in this object and nowhere else. */
      readonly oneTimeToken: Secret
      /** The cardholder agrees to keep the card: the network is asked for a token of it. */
      readonly keepsCard: boolean
    }
  | {
      readonly kind: 'token'
      readonly networkToken: Secret
      readonly oneTimeToken: Secret | undefined
      /** Charged without asking the cardholder. */
      readonly isRecurring: boolean
      /** Whoever asks the customer can ask for a PIN after the code. Only a page of ours can: a partner can send a code alone. */
      readonly canAskPin?: boolean
      /** Never anything else; absent: with what the bank takes by itself. */
      readonly paidWith?: readonly PayPart[]
    }
  /** Nobody's yet: the wallet asks its customer on a page of its own. */
  | { readonly kind: 'jump-app'; readonly returnUrl: string; readonly orderTitle: string | undefined }
