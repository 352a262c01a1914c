import type { OutcomeName } from '@gerbang/snap'
import type { BindingState } from './states.ts'

/** DH: the cardholder types the code on our page. H2H: the partner asks for it and sends it to us. */
export type Flow = 'DH' | 'H2H'

export type BindingKind = 'card' | 'account'

/** A password that is sent, and then, for accounts, the customer's own PIN. */
export type BindingStep = 'otp' | 'pin'

/** Whose binding, under which number. */
export interface BindingName {
  readonly partnerId: string
  readonly referenceNo: string
}

/** A binding as it stands in its row. Times are epoch milliseconds. */
export interface Binding extends BindingName {
  /** X-EXTERNAL-ID of the request that made it. */
  readonly externalId: string
  readonly partnerReferenceNo: string | undefined
  readonly journeyId: string | undefined
  /** The channel's canonical name. */
  readonly channel: string
  readonly flow: Flow
  readonly kind: BindingKind
  readonly custIdMerchant: string
  /** Of the card's number, or of whatever says whose account it is. */
  readonly cardLookup: Buffer
  /** The card's number or the account's, sealed. Gone when the binding is final. */
  readonly cardSealed: string | undefined
  /** Empty where the number says nothing of who issued it. */
  readonly issuerNumber: string
  readonly lastFour: string
  /** `+62 811-••••-••34` */
  readonly phoneMasked: string | undefined
  readonly authCodeLookup: Buffer
  readonly successUrl: string | undefined
  readonly failedUrl: string | undefined
  readonly state: BindingState
  /** How many events it has caused. */
  readonly sequence: number
  /** Why it ended without a kept card. */
  readonly outcome: OutcomeName | undefined
  readonly networkReferenceNo: string | undefined
  readonly networkCode: string | undefined
  readonly bankCardToken: string | undefined
  /** Which code is waited for, or was tried last. */
  readonly step: BindingStep
  /** Of this step. */
  readonly attempts: number
  /** Which attempt the network is being asked about, while `verifying`. */
  readonly trying: number | undefined
  readonly resends: number
  /** How many codes the network was asked for, whatever it said. */
  readonly otpRequests: number
  /** When the last code was asked for. */
  readonly otpSentAt: number | undefined
  /** Unknown while the network has not said so. */
  readonly otpExpiresAt: number | undefined
  readonly inquiries: number
  readonly createdAt: number
  /** When the cardholder's time is over; until the network has answered, when it must not act any more. */
  readonly expiresAt: number
  readonly dueAt: number | undefined
  readonly settledAt: number | undefined
}

/** Stands for the network's code where the network has said yes and another customer had the account already. */
export const TAKEN = 'of-another'

export function isTaken({ networkCode }: Binding): boolean {
  return networkCode === TAKEN
}

/** How often each code may be tried. */
export const MOST_ATTEMPTS: Readonly<Record<BindingStep, number>> = { otp: 5, pin: 3 }
