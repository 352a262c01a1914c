import { caseOfOneTimeToken } from './nines.ts'
import { APPROVE, decline, type Plan, planOfCase, silenceThen, WAIT_FOR_A_PERSON, waitThen } from './plan.ts'
import { APPROVED, declined, REVERSED } from './verdict.ts'

const FIXED: Readonly<Record<string, Plan>> = {
  '12345678': APPROVE,
  '11223344': waitThen(3_000, APPROVED),
  '10000000': WAIT_FOR_A_PERSON,
  '22220000': APPROVE,
  '70000000': APPROVE,
  '22220001': decline('40312'),
  '22220002': decline('40311'),
  '22220003': decline('40415'),
  '22220005': decline('40314'),
}

const TIMED: Readonly<Record<string, (afterMs: number) => Plan>> = {
  '1000': (afterMs) => waitThen(afterMs, APPROVED),
  '2000': (afterMs) => waitThen(afterMs, declined('40404')),
  '3000': (afterMs) => waitThen(afterMs, declined('40300')),
  '4000': (afterMs) => silenceThen(afterMs, APPROVED),
  '5000': (afterMs) => silenceThen(afterMs, REVERSED),
  '7000': (afterMs) => waitThen(afterMs, APPROVED),
}

/** What a magic one-time token asks for; undefined when it is not magic. */
export function planOfOneTimeToken(oneTimeToken: string): Plan | undefined {
  const fixed = FIXED[oneTimeToken]
  if (fixed) return fixed
  const caseCode = caseOfOneTimeToken(oneTimeToken)
  if (caseCode !== undefined) return planOfCase(caseCode)
  if (oneTimeToken.startsWith('6000000')) return APPROVE
  return TIMED[oneTimeToken.slice(0, 4)]?.(Number(oneTimeToken.slice(4)) * 1_000)
}

/** `7000NNNN`: the cardholder pays, and does not want the card kept. */
export function refusesLinking(oneTimeToken: string): boolean {
  return oneTimeToken.startsWith('7000')
}

export interface LiveTokens {
  /** Makes a token for one card, good once and for `lifeMs`. */
  issue(cardNumber: string, lifeMs: number): { oneTimeToken: string; expiresAt: number }
  /** True when the token is alive and belongs to the card; it is dead afterwards. */
  spend(oneTimeToken: string, cardNumber: string | undefined): boolean
}

const MOST_ALIVE = 100_000

/**
 * Tokens of the issuers' apps, in memory only. They begin with 71 to 89, so none is ever magic.
 * @param pick a random whole number below its argument
 */
export function openLiveTokens(now: () => number, pick: (below: number) => number): LiveTokens {
  const alive = new Map<string, { cardNumber: string; expiresAt: number }>()

  function forgetExpired() {
    for (const [token, { expiresAt }] of alive) if (expiresAt <= now()) alive.delete(token)
  }

  return {
    issue(cardNumber, lifeMs) {
      if (alive.size >= MOST_ALIVE) forgetExpired()
      if (alive.size >= MOST_ALIVE) throw new Error(`${MOST_ALIVE} one-time tokens are alive already`)
      let oneTimeToken: string
      do oneTimeToken = String(71_000_000 + pick(19_000_000))
      while (alive.has(oneTimeToken))
      const expiresAt = now() + lifeMs
      alive.set(oneTimeToken, { cardNumber, expiresAt })
      return { oneTimeToken, expiresAt }
    },
    spend(oneTimeToken, cardNumber) {
      const token = alive.get(oneTimeToken)
      if (!token || token.cardNumber !== cardNumber) return false
      alive.delete(oneTimeToken)
      return token.expiresAt > now()
    },
  }
}
