import { SnapError } from '@gerbang/snap'
import type { Channel } from './channel.ts'
import { findChannel } from './index.ts'
import type { ChannelProfile } from './profile.ts'

/** Whether partners ask for, and give, the codes of payments. Elsewhere they are given on a page, or there are none. */
export function takesPaymentCodes({ payment }: ChannelProfile): boolean {
  return payment.shape === 'debit' && payment.flows.includes('H2H')
}

/** The same of bindings. */
export function takesBindingCodes({ binding }: ChannelProfile): boolean {
  return binding?.flows.includes('H2H') ?? false
}

/** The code with which a customer ends what is kept. */
export function takesUnbindingCodes({ binding }: ChannelProfile): boolean {
  return binding?.isUnbindingConfirmed ?? false
}

/** Throws SnapError `requestedFunctionIsNotSupported` for a body whose channel, by the name that it gives, has no such thing. */
export function refuseUnoffered(
  channels: readonly Channel[],
  { additionalInfo }: { readonly additionalInfo?: { readonly channel?: string } },
  isOffered: (profile: ChannelProfile) => boolean,
): void {
  const name = additionalInfo?.channel
  const named = name === undefined ? undefined : findChannel(channels, { name, chargeToken: undefined })
  if (named !== undefined && !isOffered(named.profile)) throw new SnapError('requestedFunctionIsNotSupported')
}
