import { bankChannel } from '../bank/index.ts'
import type { ChannelFolder } from '../channel-folder.ts'
import { BRI } from './profile.ts'

/** BRI direct debit, over bank API v1. */
export const bri: ChannelFolder = {
  slug: 'bri',
  profile: BRI,
  path: '/bank/v1/bri',
  open: (options) => bankChannel(BRI, options),
}
