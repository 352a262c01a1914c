import { bankChannel } from '../bank/index.ts'
import type { ChannelFolder } from '../channel-folder.ts'
import { ALLO } from './profile.ts'

/** Allo Bank direct debit, over bank API v1. */
export const allo: ChannelFolder = {
  slug: 'allo',
  profile: ALLO,
  path: '/bank/v1/allo',
  open: (options) => bankChannel(ALLO, options),
}
