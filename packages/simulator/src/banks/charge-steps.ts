import type { After } from '../answering.ts'
import type { Ledger } from '../ledger.ts'
import { isFinal, type Verdict, verdictAt, verdictOf } from '../verdict.ts'
import type { Bank } from './banks.ts'
import type { Challenges } from './challenge.ts'
import type { Customers } from './customers.ts'
import type { Grants } from './grants.ts'
import type { Holdings } from './holdings.ts'
import { type BankCharge, nameOf } from './records.ts'

export interface BankChargeParts {
  readonly bank: Bank
  readonly ledger: Ledger
  readonly grants: Grants
  readonly customers: Customers
  readonly holdings: Holdings
  readonly challenges: Challenges
  /** Whether a paid charge may be called off, as far as its refunds and its day are concerned. */
  readonly isVoidable: (charge: BankCharge) => boolean
  readonly now: () => number
  readonly after: After
}

export type ChargeSteps = ReturnType<typeof openChargeSteps>

/** How a charge gets from one verdict to the next; every step is written down before it is told. */
export function openChargeSteps({ bank, ledger, holdings, now, after }: BankChargeParts) {
  const known = ledger.kept.bankCharge
  const find = (referenceNo: string) => known.get(nameOf(bank.slug, referenceNo))
  for (const charge of known.values()) if (charge.bank === bank.slug) awaitEnd(charge)

  /** Money is taken when it is due, whether or not anybody asks. */
  function awaitEnd({ referenceNo, verdict, resolveAt }: BankCharge) {
    if (isFinal(verdict) || resolveAt === 0) return
    after(Math.max(0, resolveAt - now()), () => void observe(referenceNo))
  }

  function keep(charge: BankCharge): BankCharge {
    ledger.keep('bankCharge', charge)
    return charge
  }

  function settle(before: BankCharge, { status, resultCode }: Verdict): BankCharge {
    const wasPaid = find(before.referenceNo)?.verdict.status === 'approved'
    const verdict = verdictOf(status, resultCode)
    const charge = keep(
      isFinal(verdict) ? { ...before, verdict, resolveAt: 0, becomes: verdict } : { ...before, verdict },
    )
    if (status === 'approved' && !wasPaid) holdings.take(charge)
    if (status === 'reversed' && wasPaid) holdings.giveBack(charge, charge.amount)
    awaitEnd(charge)
    return charge
  }

  function observe(referenceNo: string): BankCharge | undefined {
    const charge = find(referenceNo)
    if (!charge) return undefined
    const verdict = verdictAt(charge, now())
    return verdict === charge.verdict ? charge : settle(charge, verdict)
  }

  return { find, observe, keep, settle }
}
