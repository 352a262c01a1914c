import type { OutcomeName } from '@gerbang/snap'
import type { Secret } from '../secret.ts'
import type { ChargeSource } from './charge-source.ts'
import type { ChannelProfile } from './profile.ts'

/** What the customer has to do before money moves or something is kept. `app`: confirm in the bank's or wallet's own application. */
export type Step = 'otp' | 'pin' | 'app'

/** What a network says of the step that it waits for. */
export interface Asking {
  /** Absent: `app`. */
  readonly step?: Step
  /** Where the customer confirms, when it is a page of the network's own. */
  readonly redirectUrl?: string
  /** Of a code on its way, in epoch milliseconds. */
  readonly otpExpiresAt?: number
  readonly attemptsLeft?: number
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
  | ({
      readonly kind: 'waiting'
      readonly networkReferenceNo: string
      readonly networkCode: string
    } & Asking)
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

/** A code or PIN of the customer's for a charge that waits for it. */
export interface ConfirmInstruction extends ChargeNames {
  readonly step: Exclude<Step, 'app'>
  /** 1, 2, 3 … of this step: the network answers the same number the same way and counts it once. */
  readonly attempt: number
  readonly code: Secret
}

export type ConfirmAnswer =
  | ChannelAnswer
  | { readonly kind: 'wrong-code'; readonly networkCode: string; readonly attemptsLeft: number }
  /** The code is dead, the charge is not: another may be sent. */
  | { readonly kind: 'code-expired'; readonly networkCode: string }
  /** No code was sent: one has to be asked for. */
  | { readonly kind: 'code-wanted'; readonly networkCode: string }

/** Charges that wait for a code: every call may be repeated with the same names and is then answered alike. */
export interface Confirmations {
  confirm(instruction: ConfirmInstruction, timeoutMs: number): Promise<ConfirmAnswer>
  /**
   * Sends a new code; the old one is worth nothing any more. It is the first one where codes have to be asked for. A charge that
   * waits on with `W0` has one on its way; any other code says why none was sent, and the charge is none the worse for it.
   */
  resendOtp(charge: ChargeNames, timeoutMs: number): Promise<ConfirmAnswer>
}

/** Calling a charge off: before the customer has confirmed, or all of it on the day on which it was paid. */
export interface Cancellations {
  /**
   * `reversed` is the clear yes; repeating it is answered alike. Any other answer is the truth about the charge, which went on
   * as if nobody had asked: `paid` or `waiting` is a refusal to call it off.
   */
  cancel(charge: ChargeNames, timeoutMs: number): Promise<ChannelAnswer>
}

export interface Balance {
  readonly balanceType: string
  readonly amountMinor: bigint
  readonly holdMinor: bigint
}

export interface Balances {
  inquireBalance(
    account: { readonly merchantId: string; readonly networkToken: Secret },
    timeoutMs: number,
  ): Promise<{ readonly kind: 'balance'; readonly balances: readonly Balance[] } | Declined | Unresolved>
}

/** An account at a bank or wallet, as its customer is known there. */
export interface AccountToBind {
  readonly kind: 'account'
  /** What the partner said of the customer's device. */
  readonly device: { readonly [Member in 'deviceModel' | 'osType' | 'channelId']?: string | undefined }
}

export interface CardToBind {
  readonly kind: 'card'
  /** CPAN, card number or what the channel takes for one: see `BindingProfile.cardNumber`. */
  readonly cardNumber: Secret
  readonly oneTimeToken: Secret | undefined
  /** `MMYY` */
  readonly expiry?: Secret | undefined
}

/** The network is asked to send the customer a code, with which the card or account is then kept. */
export interface BindInstruction {
  /** The binding's own number. */
  readonly referenceNo: string
  readonly merchantId: string
  /** partnerReferenceNo, or the binding's own number when the partner gave none. */
  readonly merchantReferenceNo: string
  /** custIdMerchant. */
  readonly customerId: string
  readonly subject: CardToBind | AccountToBind
  /** `628…`, where the code is sent; undefined leaves it to the issuer's records. */
  readonly phoneNo: Secret | undefined
  readonly expiresAt: number
}

/** A code is on its way to the customer, or a tried one was wrong. */
export interface OtpSent {
  readonly kind: 'otp-sent'
  readonly networkCode: string
  /** Epoch milliseconds. */
  readonly otpExpiresAt: number
  readonly attemptsLeft: number
}

export type BindingAnswer =
  | {
      /** All is well, and a code is sent only when it is asked for with `resendOtp`: see `BindingProfile.isOtpAskedFor`. */
      readonly kind: 'otp-wanted'
      readonly networkReferenceNo: string
      readonly networkCode: string
    }
  | (OtpSent & { readonly networkReferenceNo: string })
  | {
      /** The code was right, and a PIN has to follow; or a tried PIN was wrong. */
      readonly kind: 'pin-wanted'
      readonly networkReferenceNo: string
      readonly networkCode: string
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
  readonly step: Exclude<Step, 'app'>
  /** 1, 2, 3 … of this step: the network answers the same number the same way and counts it once. */
  readonly attempt: number
  readonly code: Secret
}

export interface UnbindInstruction {
  /** The unbinding's own number. */
  readonly referenceNo: string
  readonly merchantId: string
  readonly networkToken: Secret
  /** Whoever asks can ask the customer for a code: a network that wants one sends it, and waits. */
  readonly canAskOtp?: boolean
}

export type UnbindAnswer =
  | { readonly kind: 'unbound'; readonly networkCode: string }
  /** With the code's end the unbinding ends. */
  | OtpSent
  | Declined
  | Unresolved

/** Keeping cards or accounts: every call may be repeated with the same names and is then answered alike. */
export interface Bindings {
  bind(instruction: BindInstruction, timeoutMs: number): Promise<BindingAnswer>
  /** Sends a new code; the old one is worth nothing any more. */
  resendOtp(referenceNo: string, timeoutMs: number): Promise<BindingAnswer>
  verifyOtp(instruction: VerifyInstruction, timeoutMs: number): Promise<BindingAnswer>
  cancelBinding(referenceNo: string, timeoutMs: number): Promise<BindingAnswer>
  inquireBinding(referenceNo: string, timeoutMs: number): Promise<BindingAnswer | NotFound>
  unbind(instruction: UnbindInstruction, timeoutMs: number): Promise<UnbindAnswer>
  inquireUnbinding(referenceNo: string, timeoutMs: number): Promise<UnbindAnswer | NotFound>
  /** Absent where no code ends anything. */
  verifyUnbinding?(instruction: VerifyInstruction, timeoutMs: number): Promise<UnbindAnswer>
}

export interface Channel {
  readonly profile: ChannelProfile
  /** Whether card numbers that begin like this one belong to the channel, for requests that name none. */
  owns(chargeToken: string): boolean
  /** Both resolve within `timeoutMs`, with `unresolved` when there was no answer. So do all calls of a channel. */
  charge(instruction: ChargeInstruction, timeoutMs: number): Promise<ChannelAnswer>
  inquire(charge: ChargeNames, timeoutMs: number): Promise<InquiryAnswer>
  /** Absent where no charge waits for a code that the network itself checks. */
  readonly confirmations?: Confirmations
  readonly cancellations?: Cancellations
  /** Absent where the network cannot give money back. */
  readonly refunds?: Refunds
  /** Absent where the network keeps neither cards nor accounts. */
  readonly bindings?: Bindings
  readonly balances?: Balances
  close(): Promise<void>
}
