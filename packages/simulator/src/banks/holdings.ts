import type { Ledger } from '../ledger.ts'
import { minorOf, wibDay } from '../spending.ts'
import { between, type Part, partsOf } from './purse.ts'
import { type BankCharge, type BankRefund, nameOf } from './records.ts'

interface Holding {
  /** Charged and not given back, in minor units, by the name of the balance. */
  readonly taken: Map<string, bigint>
  day: number
  /** The same of charges of that day, whatever they were paid from. */
  takenToday: bigint
}

/** What was taken from each account at each bank, in minor units. */
export interface Holdings {
  take(charge: BankCharge): void
  /** `amount` of a charge comes back, to the balances that it was taken from: the first named one is filled first. */
  giveBack(charge: BankCharge, amount: string): void
  taken(bank: string, phoneNo: string, balance: string): bigint
  takenOn(bank: string, phoneNo: string, at: number): bigint
}

/** Counts what the ledger knows of, and from then on what it is told. */
export function openHoldings(ledger: Ledger): Holdings {
  const known = new Map<string, Holding>()
  /** By charge. */
  const givenBack = new Map<string, bigint>()

  function change({ bank, phoneNo, at }: BankCharge, parts: readonly Part[], sign: 1n | -1n) {
    if (phoneNo === '') return
    const name = nameOf(bank, phoneNo)
    const holding = known.get(name) ?? { taken: new Map(), day: 0, takenToday: 0n }
    known.set(name, holding)
    const day = wibDay(at)
    if (day > holding.day) Object.assign(holding, { day, takenToday: 0n })
    for (const { balance, minor } of parts) {
      holding.taken.set(balance, (holding.taken.get(balance) ?? 0n) + sign * minor)
      if (day === holding.day) holding.takenToday += sign * minor
    }
  }

  const take = (charge: BankCharge) => change(charge, partsOf(charge), 1n)
  function giveBack(charge: BankCharge, amount: string) {
    const name = nameOf(charge.bank, charge.referenceNo)
    const before = givenBack.get(name) ?? 0n
    const after = before + minorOf(amount)
    givenBack.set(name, after)
    change(charge, between(partsOf(charge), before, after), -1n)
  }

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
    taken: (bank, phoneNo, balance) => known.get(nameOf(bank, phoneNo))?.taken.get(balance) ?? 0n,
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
