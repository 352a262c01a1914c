import { minorOf } from '../spending.ts'
import { BANKS, type Bank } from './banks.ts'
import type { Person } from './contract.ts'
import type { BankCharge } from './records.ts'

/** So much of a charge, and the balance that it is taken from: nameless where a bank has one and tells of none. */
export interface Part {
  readonly balance: string
  readonly minor: bigint
}

type Wanted = Pick<BankCharge, 'bank' | 'amount' | 'payOptions'>

/** From which balances a charge is taken, each once, in the order in which they were named. */
export function partsOf({ bank, amount, payOptions }: Wanted): readonly Part[] {
  if (payOptions !== undefined) {
    const sums = new Map<string, bigint>()
    for (const { method, amount: part } of payOptions)
      sums.set(method, (sums.get(method) ?? 0n) + minorOf(part))
    return [...sums].map(([balance, minor]) => ({ balance, minor }))
  }
  const [first] = BANKS.find(({ slug }) => slug === bank)?.balances ?? []
  return [{ balance: first?.name ?? '', minor: minorOf(amount) }]
}

/** What lies in `parts` between `from` and `to`, laid end to end. */
export function between(parts: readonly Part[], from: bigint, to: bigint): readonly Part[] {
  let end = 0n
  return parts.flatMap(({ balance, minor }) => {
    const start = end
    end += minor
    const length = (to < end ? to : end) - (from > start ? from : start)
    return length > 0n ? [{ balance, minor: length }] : []
  })
}

/** What somebody had in a balance before anything was taken, in minor units. */
export function ownedIn({ balances }: Bank, { balance, balances: others }: Person, name: string): bigint {
  const place = balances.findIndex((one) => one.name === name)
  return minorOf(place < 1 ? balance : (others?.[name] ?? balances[place]?.usual ?? '0.00'))
}
