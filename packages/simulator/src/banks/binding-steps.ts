import type { After } from '../answering.ts'
import type { Ledger } from '../ledger.ts'
import type { Plan } from '../plan.ts'
import type { Verdict } from '../verdict.ts'
import type { Bank } from './banks.ts'
import type { Challenges } from './challenge.ts'
import type { Customers } from './customers.ts'
import type { Grants } from './grants.ts'
import { type BankBinding, type BankBindingWord, nameOf } from './records.ts'

export interface BankBindingParts {
  readonly bank: Bank
  readonly ledger: Ledger
  readonly grants: Grants
  readonly customers: Customers
  readonly challenges: Challenges
  readonly now: () => number
  readonly after: After
}

export const ASKING: BankBindingWord = { status: 'asking', resultCode: 'W0' }
export const PENDING: BankBindingWord = { status: 'pending', resultCode: '09' }
export const BOUND: BankBindingWord = { status: 'bound', resultCode: '00' }
export const BLOCKED: BankBindingWord = { status: 'blocked', resultCode: '75' }
export const CANCELLED: BankBindingWord = { status: 'cancelled', resultCode: 'X40404' }

export type BindingSteps = ReturnType<typeof openBindingSteps>

/** How a binding gets from one word to the next; every step is written down before it is told. */
export function openBindingSteps({ bank, ledger, grants, challenges, now, after }: BankBindingParts) {
  const known = ledger.kept.bankBinding
  const find = (referenceNo: string) => known.get(nameOf(bank.slug, referenceNo))
  for (const binding of known.values()) if (binding.bank === bank.slug) awaitEnd(binding)

  function awaitEnd({ referenceNo, word, resolveAt }: BankBinding) {
    if (word.status !== 'pending' || resolveAt === 0) return
    after(Math.max(0, resolveAt - now()), () => void observe(referenceNo))
  }

  function keep(binding: BankBinding): BankBinding {
    ledger.keep('bankBinding', binding)
    return binding
  }

  function enter(binding: BankBinding, word: BankBindingWord): BankBinding {
    // The token first: half of the two lines after a crash is a token that nobody was told of.
    const networkToken =
      word.status === BOUND.status ? grants.issue(ownerOf(binding)).networkToken : undefined
    const challenge =
      word.status === ASKING.status ? challenges.open(bank, bank.binding, binding) : binding.challenge
    const entered = keep({
      ...binding,
      word,
      challenge,
      ...(networkToken === undefined ? {} : { networkToken }),
    })
    awaitEnd(entered)
    return entered
  }

  function observe(referenceNo: string): BankBinding | undefined {
    const binding = find(referenceNo)
    const isDue = binding?.word.status === 'pending' && binding.resolveAt > 0 && binding.resolveAt <= now()
    return binding && isDue ? enter({ ...binding, resolveAt: 0 }, binding.becomes) : binding
  }

  return {
    find,
    observe,
    keep,
    enter,
    leftMs: (referenceNo: string) => Math.max(0, (observe(referenceNo)?.resolveAt ?? 0) - now()),
    /** Lets the binding go as planned, where approval means `success`. */
    follow(binding: BankBinding, { first, later }: Plan, success: BankBindingWord): BankBinding {
      const resolveAt = later ? now() + later.afterMs : 0
      const planned = { ...binding, resolveAt, becomes: wordOf(later?.verdict ?? first, success) }
      return enter(planned, wordOf(first, success))
    },
  }
}

function ownerOf({ bank, merchantId, customerId, phoneNo }: BankBinding) {
  return { bank, merchantId, customerId, phoneNo }
}

/** A verdict in a binding's words; `success` is what an approval means at this step. */
function wordOf({ status, resultCode }: Verdict, success: BankBindingWord): BankBindingWord {
  if (status === 'approved') return success
  return status === 'declined' ? { status, resultCode } : PENDING
}
