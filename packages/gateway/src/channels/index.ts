import type { Channel } from './channel.ts'
import { type KkiOptions, kkiChannel } from './kki/index.ts'

export interface ChannelOptions {
  readonly kki: KkiOptions
}

/** The list of channels. A new one is one folder and one line here. */
export function openChannels(options: ChannelOptions): readonly Channel[] {
  return [kkiChannel(options.kki)]
}

/** The channel that a row names by its canonical name. */
export function channelNamed(channels: readonly Channel[], name: string): Channel | undefined {
  return channels.find(({ profile }) => profile.name === name)
}

/** The channel that a request names; without a name the one that owns its card number, or else keeps cards. */
export function findChannel(
  channels: readonly Channel[],
  asked: {
    readonly name: string | undefined
    readonly chargeToken: string | undefined
    /** The request is about a kept card. */
    readonly keepsCards?: boolean
  },
): Channel | undefined {
  const { name, chargeToken } = asked
  if (name !== undefined) {
    const upper = name.toUpperCase()
    return channels.find(({ profile }) => profile.name === upper || profile.aliases.includes(upper))
  }
  if (chargeToken !== undefined) return channels.find((channel) => channel.owns(chargeToken))
  return asked.keepsCards ? channels.find((channel) => channel.bindings !== undefined) : undefined
}
