import type { Channel } from './channel.ts'
import type { NetworkClientOptions } from './network/client.ts'
import type { ChannelProfile } from './profile.ts'

/** What a channel's folder gives to the list of channels. */
export interface ChannelFolder {
  /** The name of the folder; operators and the simulator call the channel by it. */
  readonly slug: string
  readonly profile: ChannelProfile
  /** Where the channel is reached below the address of the network, unless it has an address of its own. */
  readonly path: string
  readonly open: (options: NetworkClientOptions) => Channel
}
