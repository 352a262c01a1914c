import { bankChannel } from '../bank/index.ts'
import type { ChannelFolder } from '../channel-folder.ts'
import { CIMB } from './profile.ts'

/** CIMB Niaga direct debit, over bank API v1. */
export const cimb: ChannelFolder = {
  slug: 'cimb',
  profile: CIMB,
  path: '/bank/v1/cimb',
  open: (options) => bankChannel(CIMB, options),
}
