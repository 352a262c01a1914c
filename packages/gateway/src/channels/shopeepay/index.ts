import { type BankOptions, bankChannel } from '../bank/index.ts'
import type { Channel } from '../channel.ts'
import { SHOPEE_PAY } from './profile.ts'

/** ShopeePay wallet, over bank API v1. */
export function shopeePayChannel(options: BankOptions): Channel {
  return bankChannel(SHOPEE_PAY, options)
}
