import { bankChannel } from '../bank/index.ts'
import type { ChannelFolder } from '../channel-folder.ts'
import { SHOPEE_PAY } from './profile.ts'

/** ShopeePay wallet, over bank API v1. */
export const shopeepay: ChannelFolder = {
  slug: 'shopeepay',
  profile: SHOPEE_PAY,
  path: '/bank/v1/shopeepay',
  open: (options) => bankChannel(SHOPEE_PAY, options),
}
