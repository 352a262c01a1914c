import { type BankOptions, bankChannel } from '../bank/index.ts'
import type { Channel } from '../channel.ts'
import { OVO } from './profile.ts'

/** OVO wallet, over bank API v1. */
export function ovoChannel(options: BankOptions): Channel {
  return bankChannel(OVO, options)
}
