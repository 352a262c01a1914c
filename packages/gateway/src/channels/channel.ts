import type { OutcomeName } from '@gerbang/snap'
import type { Secret } from '../secret.ts'

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
    }

/** What a network is told. Channels never see a payment row, a request or a reply. */
export interface ChargeInstruction {
  readonly referenceNo: string
  readonly merchantId: string
  readonly merchantReferenceNo: string
  readonly amountMinor: bigint
  readonly source: ChargeSource
  /** Epoch milliseconds after which the network must not book the charge any more. */
  readonly expiresAt: number
  /** Epoch milliseconds after which the cardholder may not confirm any more. */
  readonly confirmBy: number
}

/** What an answer is held against: it must be about this charge and about this amount. */
export type ChargeNames = Pick<ChargeInstruction, 'referenceNo' | 'amountMinor'>

/** What became of the wish to keep the card: a token of the network's, or the cardholder's no. */
export type Linking =
  | { readonly kind: 'linked'; readonly networkToken: Secret }
  | { readonly kind: 'declined' }

/** No clear word: whatever was asked may or may not have been done. */
export interface Unresolved {
  readonly kind: 'unresolved'
  readonly cause: string
  /** Set when the network knows of it and cannot say yet how it ends. */
  readonly networkCode?: string
}

/** A clear no. */
export interface Declined {
  readonly kind: 'declined'
  readonly outcome: OutcomeName
  readonly networkCode: string
}

/**
 * Silence, a broken socket, an unknown code: all are `unresolved`. Only a clear word is a final one.
 * `waiting` is a clear word too: the cardholder has not confirmed yet, and nothing is to be reversed.
 */
export type ChannelAnswer =
  | {
      readonly kind: 'paid'
      readonly networkReferenceNo: string
      readonly networkCode: string
      /** Present when the charge was to keep the card. */
      readonly linking?: Linking
    }
  | Declined
  | { readonly kind: 'waiting'; readonly networkReferenceNo: string; readonly networkCode: string }
  | { readonly kind: 'reversed'; readonly networkCode: string }
  | Unresolved

/** An inquiry may also learn that the network never heard of what it is asked about. */
export interface NotFound {
  readonly kind: 'not-found'
}

export type InquiryAnswer = ChannelAnswer | NotFound

/** The network is told to give back part or all of a charge. */
export interface RefundInstruction {
  /** The refund's own number. */
  readonly referenceNo: string
  /** The charge that it gives back from. */
  readonly originalReferenceNo: string
  readonly merchantId: string
  /** partnerRefundNo. */
  readonly merchantReferenceNo: string
  readonly amountMinor: bigint
  readonly expiresAt: number
}

export type RefundNames = Pick<RefundInstruction, 'referenceNo' | 'amountMinor'>

export type RefundAnswer =
  | { readonly kind: 'refunded'; readonly networkReferenceNo: string; readonly networkCode: string }
  | Declined
  | Unresolved

export interface Refunds {
  refund(instruction: RefundInstruction, timeoutMs: number): Promise<RefundAnswer>
  inquireRefund(refund: RefundNames, timeoutMs: number): Promise<RefundAnswer | NotFound>
}

/** The network is asked to send the cardholder a code, with which the card is then kept. */
export interface BindInstruction {
  /** The binding's own number. */
  readonly referenceNo: string
  readonly merchantId: string
  /** partnerReferenceNo, or the binding's own number when the partner gave none. */
  readonly merchantReferenceNo: string
  /** custIdMerchant. */
  readonly customerId: string
  readonly chargeToken: Secret
  readonly oneTimeToken: Secret | undefined
  /** `628…`, where the code is sent; undefined leaves it to the issuer's records. */
  readonly phoneNo: Secret | undefined
  readonly expiresAt: number
}

export type BindingAnswer =
  | {
      /** A code is on its way to the cardholder, or a tried one was wrong. */
      readonly kind: 'otp-sent'
      readonly networkReferenceNo: string
      readonly networkCode: string
      /** Epoch milliseconds. */
      readonly otpExpiresAt: number
      readonly attemptsLeft: number
    }
  | {
      readonly kind: 'bound'
      readonly networkReferenceNo: string
      readonly networkCode: string
      readonly networkToken: Secret
    }
  | { readonly kind: 'blocked'; readonly networkCode: string }
  | { readonly kind: 'expired'; readonly networkCode: string }
  | { readonly kind: 'cancelled'; readonly networkCode: string }
  | Declined
  | Unresolved

export interface VerifyInstruction {
  readonly referenceNo: string
  /** 1, 2, 3 …: the network answers the same number the same way and counts it once. */
  readonly attempt: number
  readonly otp: Secret
}

export interface UnbindInstruction {
  /** The unbinding's own number. */
  readonly referenceNo: string
  readonly merchantId: string
  readonly networkToken: Secret
}

export type UnbindAnswer = { readonly kind: 'unbound'; readonly networkCode: string } | Declined | Unresolved

/** Keeping cards: every call may be repeated with the same names and is then answered alike. */
export interface Cards {
  bind(instruction: BindInstruction, timeoutMs: number): Promise<BindingAnswer>
  /** Sends a new code; the old one is worth nothing any more. */
  resendOtp(referenceNo: string, timeoutMs: number): Promise<BindingAnswer>
  verifyOtp(instruction: VerifyInstruction, timeoutMs: number): Promise<BindingAnswer>
  cancelBinding(referenceNo: string, timeoutMs: number): Promise<BindingAnswer>
  inquireBinding(referenceNo: string, timeoutMs: number): Promise<BindingAnswer | NotFound>
  unbind(instruction: UnbindInstruction, timeoutMs: number): Promise<UnbindAnswer>
  inquireUnbinding(referenceNo: string, timeoutMs: number): Promise<UnbindAnswer | NotFound>
}

export interface Channel {
  /** The canonical `additionalInfo.channel`. */
  readonly name: string
  readonly aliases: readonly string[]
  /** What `acquirer.id` says in a status reply. */
  readonly acquirer: string
  /** Whether card numbers that begin like this one belong to the channel, for requests that name none. */
  owns(chargeToken: string): boolean
  /** Both resolve within `timeoutMs`, with `unresolved` when there was no answer. So do all calls of a channel. */
  charge(instruction: ChargeInstruction, timeoutMs: number): Promise<ChannelAnswer>
  inquire(charge: ChargeNames, timeoutMs: number): Promise<InquiryAnswer>
  /** Absent where the network cannot give money back. */
  readonly refunds?: Refunds
  /** Absent where the network keeps no cards. */
  readonly cards?: Cards
  close(): Promise<void>
}
