import { type BankOptions, bankChannel } from '../bank/index.ts'
import type { Channel } from '../channel.ts'
import { DANA } from './profile.ts'

/** DANA wallet, over bank API v1. */
export function danaChannel(options: BankOptions): Channel {
  return bankChannel(DANA, options)
}
