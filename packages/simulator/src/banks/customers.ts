import type { Ledger } from '../ledger.ts'
import { decline, type Plan } from '../plan.ts'
import { minorOf } from '../spending.ts'
import { verdictOf } from '../verdict.ts'
import type { Bank } from './banks.ts'
import type { Holdings } from './holdings.ts'
import type { NamedPerson, People } from './people.ts'
import { ownedIn, type Part, partsOf } from './purse.ts'
import { type BankCharge, nameOf } from './records.ts'

type Wanted = Pick<BankCharge, 'amount' | 'payOptions'>

/** Whose account it is at a bank, and whether the bank lets him. */
export interface Customers {
  find(phoneNo: string): NamedPerson | undefined
  /** The bank's own no to this customer, whatever he wants. */
  refusal(bank: Bank, phoneNo: string): Plan | undefined
  /** Its no to codes, of which he gave too many wrong ones. */
  refusalOfCodes(bank: Bank, phoneNo: string): Plan | undefined
  /** Its no to so much money, or to so much of one kind. */
  refusalOfAmount(bank: Bank, phoneNo: string, wanted: Wanted): Plan | undefined
  /** Wants no code of his for a day. */
  block(bank: Bank, phoneNo: string): void
}

const BLOCKED_MS = 24 * 3_600_000
const CODES_BLOCKED: Plan = { first: verdictOf('declined', 'X40311'), answer: 'now' }

const OF_STATE = { blocked: '40307', dormant: '40309', inactive: '40318', suspended: '40316' } as const

export function openCustomers({
  ledger,
  people,
  holdings,
  now,
}: {
  readonly ledger: Ledger
  readonly people: People
  readonly holdings: Holdings
  readonly now: () => number
}): Customers {
  return {
    find: (phoneNo) => people.find(phoneNo),
    refusal(_bank, phoneNo) {
      const person = people.find(phoneNo)
      if (!person) return decline('40411')
      const { state } = person
      return state === undefined || state === 'unknown' ? undefined : decline(OF_STATE[state])
    },
    refusalOfCodes({ slug }, phoneNo) {
      const until = ledger.kept.bankBlock.get(nameOf(slug, phoneNo))?.until ?? 0
      return until > now() ? CODES_BLOCKED : undefined
    },
    refusalOfAmount(bank, phoneNo, { amount, payOptions }) {
      const { slug } = bank
      const person = people.find(phoneNo)
      if (!person) return decline('40411')
      const { limit } = person
      const spent = holdings.takenOn(slug, phoneNo, now())
      if (limit !== null && spent + minorOf(amount) > minorOf(limit)) return decline('40302')
      const parts = partsOf({ bank: slug, amount, ...(payOptions && { payOptions }) })
      const lacks = ({ balance, minor }: Part) =>
        holdings.taken(slug, phoneNo, balance) + minor > ownedIn(bank, person, balance)
      return parts.some(lacks) ? decline('40314') : undefined
    },
    block({ slug: bank }, phoneNo) {
      ledger.keep('bankBlock', { bank, phoneNo, until: now() + BLOCKED_MS })
    },
  }
}
