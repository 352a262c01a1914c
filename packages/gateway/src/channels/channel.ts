import type { OutcomeName } from '@gerbang/snap'
import type { Secret } from '../secret.ts'

/** What a network is told. Channels never see a payment row, a request or a reply. */
export interface ChargeInstruction {
  readonly referenceNo: string
  readonly merchantId: string
  readonly merchantReferenceNo: string
  readonly amountMinor: bigint
  /** CPAN. */
  readonly chargeToken: Secret
  /** OTT: lives in this object and nowhere else. */
  readonly oneTimeToken: Secret
  /** Epoch milliseconds after which the network must not book the charge any more. */
  readonly expiresAt: number
}

/** What an answer is held against: it must be about this charge and about this amount. */
export type ChargeNames = Pick<ChargeInstruction, 'referenceNo' | 'amountMinor'>

/**
 * Silence, a broken socket, an unknown code: all are `unresolved`. Only a clear word is a final one.
 * `waiting` is a clear word too: the cardholder has not confirmed yet, and nothing is to be reversed.
 */
export type ChannelAnswer =
  | { readonly kind: 'paid'; readonly networkReferenceNo: string; readonly networkCode: string }
  | { readonly kind: 'declined'; readonly outcome: OutcomeName; readonly networkCode: string }
  | { readonly kind: 'waiting'; readonly networkReferenceNo: string; readonly networkCode: string }
  | { readonly kind: 'reversed'; readonly networkCode: string }
  | {
      readonly kind: 'unresolved'
      readonly cause: string
      /** Set when the network has the charge and cannot say yet how it ends. */
      readonly networkCode?: string
    }

/** An inquiry may also learn that the network never heard of the charge. */
export type InquiryAnswer = ChannelAnswer | { readonly kind: 'not-found' }

export interface Channel {
  /** The canonical `additionalInfo.channel`. */
  readonly name: string
  readonly aliases: readonly string[]
  /** What `acquirer.id` says in a status reply. */
  readonly acquirer: string
  /** Whether card numbers that begin like this one belong to the channel, for requests that name none. */
  owns(chargeToken: string): boolean
  /** Both resolve within `timeoutMs`, with `unresolved` when there was no answer. */
  charge(instruction: ChargeInstruction, timeoutMs: number): Promise<ChannelAnswer>
  inquire(charge: ChargeNames, timeoutMs: number): Promise<InquiryAnswer>
  close(): Promise<void>
}
