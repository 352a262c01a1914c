import type { Ledger } from '../ledger.ts'
import { minorOf, wibDay } from '../spending.ts'
import { type BankCharge, type BankRefund, nameOf } from './records.ts'

interface Holding {
  /** Charged and not given back, in minor units. */
  taken: bigint
  day: number
  /** The same of charges of that day. */
  takenToday: bigint
}

/** What was taken from each account at each bank, in minor units. */
export interface Holdings {
  take(charge: BankCharge): void
  /** `amount` of a charge comes back. */
  giveBack(charge: BankCharge, amount: string): void
  taken(bank: string, phoneNo: string): bigint
  takenOn(bank: string, phoneNo: string, at: number): bigint
}

/** Counts what the ledger knows of, and from then on what it is told. */
export function openHoldings(ledger: Ledger): Holdings {
  const known = new Map<string, Holding>()

  function change({ bank, phoneNo, at }: BankCharge, by: bigint) {
    if (phoneNo === '') return
    const name = nameOf(bank, phoneNo)
    const holding = known.get(name) ?? { taken: 0n, day: 0, takenToday: 0n }
    known.set(name, holding)
    holding.taken += by
    const day = wibDay(at)
    if (day > holding.day) Object.assign(holding, { day, takenToday: 0n })
    if (day === holding.day) holding.takenToday += by
  }

  const take = (charge: BankCharge) => change(charge, minorOf(charge.amount))
  const giveBack = (charge: BankCharge, amount: string) => change(charge, -minorOf(amount))

  for (const charge of ledger.kept.bankCharge.values()) {
    if (charge.verdict.status === 'approved') take(charge)
  }
  for (const refund of ledger.kept.bankRefund.values()) {
    const charge = chargeOf(ledger, refund)
    if (charge && refund.verdict.status === 'approved') giveBack(charge, refund.amount)
  }

  return {
    take,
    giveBack,
    taken: (bank, phoneNo) => known.get(nameOf(bank, phoneNo))?.taken ?? 0n,
    takenOn(bank, phoneNo, at) {
      const holding = known.get(nameOf(bank, phoneNo))
      return holding?.day === wibDay(at) ? holding.takenToday : 0n
    },
  }
}

/** The charge that a refund gives back from. */
export function chargeOf(
  ledger: Ledger,
  { bank, originalReferenceNo }: Pick<BankRefund, 'bank' | 'originalReferenceNo'>,
): BankCharge | undefined {
  return ledger.kept.bankCharge.get(nameOf(bank, originalReferenceNo))
}
