import { type BankOptions, bankChannel } from '../bank/index.ts'
import type { Channel } from '../channel.ts'
import { MANDIRI } from './profile.ts'

/** Bank Mandiri direct debit, over bank API v1. */
export function mandiriChannel(options: BankOptions): Channel {
  return bankChannel(MANDIRI, options)
}
