import type { ChargeBody } from './contract.ts'
import { type Decision, decideCharge, type Issuing } from './decision.ts'
import { compact, type Entry } from './entry.ts'
import type { Ledger } from './ledger.ts'
import { particularsOf } from './particulars.ts'
import { type Payer, payerOf } from './payer.ts'
import type { Plan } from './plan.ts'
import type { Tokens } from './tokens.ts'
import { APPROVED, declined, holdsMoney, isFinal, leftMs, type Verdict, verdictAt } from './verdict.ts'

export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Numbers the booking; `position` counts the book's entries from 1, also across restarts. */
export type NetworkReferenceNo = (position: number, at: number) => string

export interface NetworkParts {
  readonly ledger: Ledger
  readonly issuing: Issuing
  readonly tokens: Tokens
  readonly now: () => number
  readonly networkReferenceNo: NetworkReferenceNo
  readonly log: Log | undefined
}

export type ChargeOutcome =
  | { readonly kind: 'booked'; readonly entry: Entry; readonly plan: Plan }
  | { readonly kind: 'duplicate'; readonly entry: Entry }
  | { readonly kind: 'expired'; readonly referenceNo: string }

export interface Network {
  /** Decides and books in one synchronous step, so a reference can never be booked twice. */
  charge(body: ChargeBody, controlCase?: string): ChargeOutcome
  find(referenceNo: string): Entry | undefined
  /** What is true now; the first look at a resolved charge also writes it down. */
  observe(entry: Entry): Verdict
  /** Milliseconds until the charge resolves by itself; 0 when it is resolved or never will be. */
  leftMs(entry: Entry): number
  /** A person confirms or refuses in the issuer's app; undefined when the charge is final already. */
  confirm(entry: Entry, approves: boolean): Verdict | undefined
}

export function openNetwork(parts: NetworkParts): Network {
  const { ledger, issuing, tokens, now, networkReferenceNo, log } = parts
  for (const entry of ledger.entries()) countSpending(entry)

  function countSpending(entry: Entry) {
    if (entry.accountId !== '' && holdsMoney(entry.verdict)) issuing.spending.add(entry)
  }

  function book(body: ChargeBody, payer: Payer, { plan, by, account }: Decision, at: number): Entry {
    const verdict = plan.later?.afterMs === 0 ? plan.later.verdict : plan.first
    const entry = compact({
      referenceNo: body.referenceNo,
      merchantReferenceNo: body.merchantReferenceNo,
      merchantId: body.merchantId,
      maskedCard: payer.maskedCard,
      accountId: account && account.limit !== null ? account.id : '',
      amount: body.amount.value,
      networkReferenceNo: networkReferenceNo(ledger.size + 1, at),
      at,
      verdict,
      resolveAt: plan.later && plan.later.afterMs > 0 ? at + plan.later.afterMs : 0,
      becomes: plan.later?.verdict ?? verdict,
      particulars: holdsMoney(verdict) ? particularsOf(tokens, body, payer) : undefined,
    })
    ledger.book(entry)
    countSpending(entry)
    if (log) log.debug({ referenceNo: entry.referenceNo, ...verdict, by }, 'charge')
    return entry
  }

  function resolve(entry: Entry, verdict: Verdict): Verdict {
    ledger.resolve(entry, verdict, now())
    return verdict
  }

  return {
    charge(body, controlCase) {
      const first = ledger.get(body.referenceNo)
      if (first) return { kind: 'duplicate', entry: first }
      const at = now()
      if (!(Date.parse(body.expiresAt) > at)) return { kind: 'expired', referenceNo: body.referenceNo }
      const payer = payerOf(issuing.accounts, tokens, body)
      const decision = decideCharge(issuing, body, { payer, controlCase, now: at })
      return { kind: 'booked', entry: book(body, payer, decision, at), plan: decision.plan }
    },
    find: (referenceNo) => ledger.get(referenceNo),
    observe(entry) {
      const verdict = verdictAt(entry, now())
      return verdict === entry.verdict ? verdict : resolve(entry, verdict)
    },
    leftMs: (entry) => leftMs(entry, now()),
    confirm(entry, approves) {
      if (isFinal(verdictAt(entry, now()))) return undefined
      return resolve(entry, approves ? APPROVED : declined('40404'))
    },
  }
}
