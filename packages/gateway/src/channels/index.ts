import { allo } from './allo/index.ts'
import { bri } from './bri/index.ts'
import type { Channel } from './channel.ts'
import type { ChannelFolder } from './channel-folder.ts'
import { cimb } from './cimb/index.ts'
import { dana } from './dana/index.ts'
import { kki } from './kki/index.ts'
import { mandiri } from './mandiri/index.ts'
import type { NetworkClientOptions } from './network/client.ts'
import { ovo } from './ovo/index.ts'
import { shopeepay } from './shopeepay/index.ts'

/** The list of channels. A new one is one folder and one line here. */
export const CHANNELS: readonly ChannelFolder[] = [kki, cimb, allo, bri, mandiri, ovo, dana, shopeepay]

export interface ChannelOptions {
  /** Slugs of the channels to be opened; undefined opens all. */
  readonly opened: readonly string[] | undefined
  /** The network beside which the channels are reached that have no address of their own, and how. */
  readonly network: NetworkClientOptions
  /** Where channels are reached, by slug. */
  readonly urls: Readonly<Record<string, string>>
}

/**
 * Opens the channels that are asked for, in the order of the list.
 * @throws Error for a slug that names no channel
 */
export function openChannels({ opened, network, urls }: ChannelOptions): readonly Channel[] {
  const known = CHANNELS.map(({ slug }) => slug)
  const unknown = [...(opened ?? []), ...Object.keys(urls)].filter((slug) => !known.includes(slug))
  if (unknown.length > 0) throw new Error(`There is no channel ${unknown.join(', ')}`)
  const base = network.url.replace(/\/$/, '')
  return CHANNELS.filter(({ slug }) => opened?.includes(slug) ?? true).map(({ slug, path, open }) =>
    open({ ...network, url: urls[slug] ?? `${base}${path}` }),
  )
}

/** The channel that a row names by its canonical name. */
export function channelNamed(channels: readonly Channel[], name: string): Channel | undefined {
  return channels.find(({ profile }) => profile.name === name)
}

/**
 * The channel that a request names. Only a channel whose requests may leave its name out, because they name a card, is found
 * without one: the one that owns the card number, or else keeps cards.
 */
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
  return asked.keepsCards ? channels.find(({ profile }) => profile.payment.shape === 'kki') : undefined
}
