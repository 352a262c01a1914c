import type { Channel } from './channel.ts'
import { type KkiOptions, kkiChannel } from './kki/index.ts'

export interface ChannelOptions {
  readonly kki: KkiOptions
}

/** The list of channels. A new one is one folder and one line here. */
export function openChannels(options: ChannelOptions): readonly Channel[] {
  return [kkiChannel(options.kki)]
}

/** The channel that a request names, or that owns its card number when it names none. */
export function findChannel(
  channels: readonly Channel[],
  asked: { readonly name: string | undefined; readonly chargeToken: string | undefined },
): Channel | undefined {
  const { name, chargeToken } = asked
  if (name === undefined)
    return channels.find((channel) => chargeToken !== undefined && channel.owns(chargeToken))
  const upper = name.toUpperCase()
  return channels.find((channel) => channel.name === upper || channel.aliases.includes(upper))
}
