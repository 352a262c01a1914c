import { bankChannel } from '../bank/index.ts'
import type { ChannelFolder } from '../channel-folder.ts'
import { OVO } from './profile.ts'

/** OVO wallet, over bank API v1. */
export const ovo: ChannelFolder = {
  slug: 'ovo',
  profile: OVO,
  path: '/bank/v1/ovo',
  open: (options) => bankChannel(OVO, options),
}
