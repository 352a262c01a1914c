import { type BankOptions, bankChannel } from '../bank/index.ts'
import type { Channel } from '../channel.ts'
import { BRI } from './profile.ts'

/** BRI direct debit, over bank API v1. */
export function briChannel(options: BankOptions): Channel {
  return bankChannel(BRI, options)
}
