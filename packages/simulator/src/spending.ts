import type { Entry } from './entry.ts'
import type { Refund } from './record.ts'
import { holdsMoney, isFinal, verdictAt } from './verdict.ts'

const WIB_OFFSET_MS = 7 * 3_600_000
const DAY_MS = 86_400_000

/** Number of the calendar day in Asia/Jakarta. */
export function wibDay(at: number): number {
  return Math.floor((at + WIB_OFFSET_MS) / DAY_MS)
}

/** `"10000.00"` as 1000000n. */
export function minorOf(amount: string): bigint {
  return BigInt(amount.replace('.', ''))
}

export interface Spending {
  /** Counts a booked entry that has an account, from its booking on. */
  add(entry: Entry): void
  /** Counts a booked refund of one of its charges, from its approval on. */
  giveBack(charge: Entry, refund: Refund): void
  /** What the account's charges of that WIB day hold at `now`, in minor units. */
  spentAt(accountId: string, now: number): bigint
}

interface Day {
  day: number
  settled: bigint
  /** Charges that may still be declined or reversed. */
  open: Set<Entry>
  /** Refunds of the day's charges that may still be approved. */
  refunds: Set<Refund>
}

/** What is charged to each limited account today. Yesterday is forgotten. */
export function openSpending(): Spending {
  const days = new Map<string, Day>()

  return {
    add(entry) {
      const day = wibDay(entry.at)
      let known = days.get(entry.accountId)
      if (known === undefined || known.day < day) {
        known = { day, settled: 0n, open: new Set(), refunds: new Set() }
        days.set(entry.accountId, known)
      }
      if (known.day === day) known.open.add(entry)
    },
    giveBack(charge, refund) {
      const known = days.get(charge.accountId)
      if (known?.day === wibDay(charge.at)) known.refunds.add(refund)
    },
    spentAt(accountId, now) {
      const known = days.get(accountId)
      if (known?.day !== wibDay(now)) return 0n
      let held = 0n
      for (const entry of known.open) {
        const verdict = verdictAt(entry, now)
        if (verdict.status === 'waiting' || verdict.status === 'pending') {
          held += minorOf(entry.amount)
          continue
        }
        known.open.delete(entry)
        if (holdsMoney(verdict)) known.settled += minorOf(entry.amount)
      }
      for (const refund of known.refunds) {
        const verdict = verdictAt(refund, now)
        if (!isFinal(verdict)) continue
        known.refunds.delete(refund)
        if (holdsMoney(verdict)) known.settled -= minorOf(refund.amount)
      }
      return known.settled + held
    },
  }
}
