import { type Operation, type OutcomeName, type Profile, responseCode } from '@gerbang/snap'
import type { ChannelProfile } from './profile.ts'

/** The seven characters of `responseCode`, with the number that the channel's own pages give the operation in the profile `doku`. */
export function responseCodeOf(
  { serviceCodes }: Pick<ChannelProfile, 'serviceCodes'>,
  operation: Operation,
  outcome: OutcomeName,
  profile: Profile,
): string {
  const code = responseCode(operation, outcome, profile)
  const own = profile === 'doku' ? serviceCodes[operation] : undefined
  return own === undefined ? code : `${code.slice(0, 3)}${own}${code.slice(5)}`
}
