import type { CardPattern } from './nines.ts'
import { APPROVED, declined, PENDING, type REVERSED, type Verdict, WAITING } from './verdict.ts'

/** How a charge will go: what is true at booking, what becomes true later, and when the caller hears of it. */
export interface Plan {
  readonly first: Verdict
  /** Absent when `first` is final or only a person can resolve it. */
  readonly later?: { readonly afterMs: number; readonly verdict: Verdict }
  readonly answer: 'now' | 'when-resolved' | 'never'
}

const STILL_IN_PROGRESS_MS = 5_000

export const APPROVE: Plan = { first: APPROVED, answer: 'now' }
export const WAIT_FOR_A_PERSON: Plan = { first: WAITING, answer: 'now' }

export function decline(caseCode: string): Plan {
  return { first: declined(caseCode), answer: 'now' }
}

/** The cardholder is asked, and acts after `afterMs`; at 0 there is nothing to wait for. */
export function waitThen(afterMs: number, verdict: Verdict): Plan {
  if (afterMs === 0) return { first: verdict, answer: 'now' }
  return { first: WAITING, later: { afterMs, verdict }, answer: 'now' }
}

/** The switch never answers this call; an inquiry learns the end. */
export function silenceThen(afterMs: number, verdict: typeof APPROVED | typeof REVERSED): Plan {
  return { first: PENDING, later: { afterMs, verdict }, answer: 'never' }
}

/**
 * The plan of a SNAP case. 200/00 approves, 202/00 waits and approves (after `delayMs`, or 5 s), every other
 * case is a clear decline. A delay on a final case books it as pending at once and answers when it is over.
 */
export function planOfCase(caseCode: string, delayMs = 0): Plan {
  if (caseCode === '20200') return waitThen(delayMs || STILL_IN_PROGRESS_MS, APPROVED)
  const verdict = caseCode === '20000' ? APPROVED : declined(caseCode)
  if (delayMs === 0) return { first: verdict, answer: 'now' }
  return { first: PENDING, later: { afterMs: delayMs, verdict }, answer: 'when-resolved' }
}

/** What the digits of the card ask of one step; undefined when they mean another one. */
export function planOfPattern(pattern: CardPattern | undefined, step: string): Plan | undefined {
  return pattern?.step === step ? planOfCase(pattern.caseCode, pattern.delay * 100) : undefined
}

/** The same plan where nobody can be asked: what would wait for a person is still open at the issuer. */
export function unattended(plan: Plan): Plan {
  if (plan.first !== WAITING) return plan
  return {
    ...plan,
    first: PENDING,
    later: plan.later ?? { afterMs: STILL_IN_PROGRESS_MS, verdict: APPROVED },
  }
}

/** The same plan when the cardholder may confirm for `withinMs` only. */
export function confirmedWithin(plan: Plan, withinMs: number): Plan {
  if (plan.first !== WAITING || (plan.later && plan.later.afterMs < withinMs)) return plan
  return waitThen(Math.max(0, withinMs), declined('40300'))
}
