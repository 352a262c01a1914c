import type { Operation, OutcomeName } from '@gerbang/snap'
import type { Channel } from '../channels/channel.ts'
import { channelNamed } from '../channels/index.ts'
import { takesBindingCodes } from '../channels/offered.ts'
import type { Length } from '../channels/profile.ts'
import type { BindingKind } from './binding.ts'

/** What is particular about the bindings of a channel. */
export interface Traits {
  /** As customers call the bank or wallet. */
  readonly title: string
  /** Whether its cards are of many issuers, told by the card's number. */
  readonly hasIssuers: boolean
  /** What a partner is told when the network keeps silent. */
  readonly silence: OutcomeName
  readonly otp: Length
  /** Whether partners ask for codes, and give them. Elsewhere that is done on the page alone. */
  readonly takesCodes: boolean
  /** Whether no code is sent before somebody asks for one. */
  readonly isOtpAskedFor: boolean
  /** Whether a PIN follows the password; undefined when nobody knows any more. */
  readonly hasPin: boolean | undefined
  /** Whether the partner pays with the customer's token, for which it needs the authCode whoever takes the code. */
  readonly paysWithCustomerToken: boolean
}

const UNKNOWN: Traits = {
  title: '',
  hasIssuers: false,
  silence: 'requestInProgress',
  otp: { min: 4, max: 8 },
  takesCodes: true,
  isOtpAskedFor: false,
  hasPin: undefined,
  paysWithCustomerToken: false,
}

/** Of a channel that a row names; general ones when it is not there any more. */
export function traitsOf(channels: readonly Channel[], name: string): Traits {
  const profile = channelNamed(channels, name)?.profile
  if (profile === undefined) return UNKNOWN
  const { title, silence, payment, binding } = profile
  return {
    title,
    hasIssuers: binding?.hasIssuers ?? false,
    silence,
    otp: binding?.otp ?? UNKNOWN.otp,
    takesCodes: takesBindingCodes(profile),
    isOtpAskedFor: binding?.isOtpAskedFor ?? UNKNOWN.isOtpAskedFor,
    hasPin: binding?.hasPin,
    paysWithCustomerToken: payment.shape === 'debit',
  }
}

/** The request that makes a binding of that kind. */
export const BIND_OPERATIONS = {
  card: 'registration-card-bind',
  account: 'registration-account-binding',
} as const satisfies Record<BindingKind, Operation>
