import { bankChannel } from '../bank/index.ts'
import type { ChannelFolder } from '../channel-folder.ts'
import { DANA } from './profile.ts'

/** DANA wallet, over bank API v1. */
export const dana: ChannelFolder = {
  slug: 'dana',
  profile: DANA,
  path: '/bank/v1/dana',
  open: (options) => bankChannel(DANA, options),
}
