import type { Accounts, NamedAccount } from './cards.ts'
import type { ChargeBody, Issuer } from './contract.ts'
import { caseOfAmount, caseOfReference, patternOfCard } from './nines.ts'
import { type LiveTokens, planOfOneTimeToken } from './one-time-token.ts'
import { APPROVE, decline, type Plan, planOfCase, WAIT_FOR_A_PERSON } from './plan.ts'
import { minorOf, type Spending } from './spending.ts'
import { holdsMoney } from './verdict.ts'

export interface Issuing {
  readonly issuers: ReadonlyMap<string, Issuer>
  readonly accounts: Accounts
  readonly liveTokens: LiveTokens
  readonly spending: Spending
}

export interface Decision {
  readonly plan: Plan
  /** Which part of the charge decided, for the log. */
  readonly by: 'control' | 'reference' | 'ott' | 'amount' | 'cpan' | 'card' | 'default'
  /** The account whose limit is used, when it has one. */
  readonly account: NamedAccount | undefined
}

/**
 * Decides a charge. The order is: control, reference, one-time token, amount, CPAN pattern, the card's own state.
 * A token that only says "I approve" leaves the word to the amount and the card.
 */
export function decide(
  issuing: Issuing,
  body: ChargeBody,
  controlCase: string | undefined,
  now: number,
): Decision {
  const account = issuing.accounts.find(body.cardNumber)
  if (controlCase !== undefined) return { plan: planOfCase(controlCase), by: 'control', account }
  const referenceCase = caseOfReference(body.merchantReferenceNo)
  if (referenceCase !== undefined) return { plan: planOfCase(referenceCase), by: 'reference', account }

  const magic = planOfOneTimeToken(body.oneTimeToken)
  if (magic !== undefined && magic !== APPROVE) {
    const refusal = body.oneTimeToken.startsWith('999') ? undefined : refusalOfCard(issuing, body, magic, now)
    return refusal ? { plan: refusal, by: 'card', account } : { plan: magic, by: 'ott', account }
  }
  if (magic === undefined && !issuing.liveTokens.spend(body.oneTimeToken, body.cardNumber)) {
    return { plan: decline('40415'), by: 'ott', account }
  }

  const amountCase = caseOfAmount(body.amount.value)
  if (amountCase !== undefined) return { plan: planOfCase(amountCase), by: 'amount', account }
  const pattern = planOfCard(body.cardNumber)
  const plan = pattern ?? APPROVE
  const refusal = refusalOfCard(issuing, body, plan, now)
  if (refusal) return { plan: refusal, by: 'card', account }
  return { plan, by: pattern ? 'cpan' : 'default', account }
}

/** What the digits of the card ask of a payment; steps other than payment let it pass. */
function planOfCard(cardNumber: string): Plan | undefined {
  const pattern = patternOfCard(cardNumber)
  if (pattern?.step === '0') return planOfCase(pattern.caseCode, pattern.delay * 100)
  return pattern?.step === '9' ? WAIT_FOR_A_PERSON : undefined
}

/** The issuer's own refusal of a charge that would otherwise take money, now or later. */
function refusalOfCard(issuing: Issuing, body: ChargeBody, plan: Plan, now: number): Plan | undefined {
  const issuer = issuing.issuers.get(body.cardNumber.slice(0, 8))
  if (!issuer) return decline('40409')
  if (!issuer.kki) return decline('40403')
  if (!holdsMoney(plan.later?.verdict ?? plan.first)) return undefined
  const account = issuing.accounts.find(body.cardNumber)
  if (!account) return patternOfCard(body.cardNumber) ? undefined : decline('40411')
  if (account.blocked) return decline('40307')
  if (account.expired) return decline('40308')
  if (account.dormant) return decline('40309')
  if (account.inactive) return decline('40318')
  if (account.suspended) return decline('40316')
  if (account.limit === null) return undefined
  const spent = issuing.spending.spentAt(account.id, now) + minorOf(body.amount.value)
  return spent > minorOf(account.limit) ? decline('40314') : undefined
}
