import type { ChannelProfile } from './profile.ts'

/** The canonical name of a channel, from that or from any other name of it, in any case. Undefined when there is no such channel. */
export function canonicalName(
  profiles: readonly Pick<ChannelProfile, 'name' | 'aliases'>[],
  name: string,
): string | undefined {
  const upper = name.toUpperCase()
  return profiles.find((profile) => profile.name === upper || profile.aliases.includes(upper))?.name
}
