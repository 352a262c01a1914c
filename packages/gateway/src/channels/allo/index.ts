import { type BankOptions, bankChannel } from '../bank/index.ts'
import type { Channel } from '../channel.ts'
import { ALLO } from './profile.ts'

/** Allo Bank direct debit, over bank API v1. */
export function alloChannel(options: BankOptions): Channel {
  return bankChannel(ALLO, options)
}
