import { bankChannel } from '../bank/index.ts'
import type { ChannelFolder } from '../channel-folder.ts'
import { MANDIRI } from './profile.ts'

/** Bank Mandiri direct debit, over bank API v1. */
export const mandiri: ChannelFolder = {
  slug: 'mandiri',
  profile: MANDIRI,
  path: '/bank/v1/mandiri',
  open: (options) => bankChannel(MANDIRI, options),
}
