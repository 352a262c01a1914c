import { type BankOptions, bankChannel } from '../bank/index.ts'
import type { Channel } from '../channel.ts'
import { CIMB } from './profile.ts'

/** CIMB Niaga direct debit, over bank API v1. */
export function cimbChannel(options: BankOptions): Channel {
  return bankChannel(CIMB, options)
}
