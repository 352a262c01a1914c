import type { Accounts, NamedAccount } from './cards.ts'
import type { ChargeBody, Issuer } from './contract.ts'
import { caseOfAmount, caseOfReference } from './nines.ts'
import { type LiveTokens, planOfOneTimeToken } from './one-time-token.ts'
import type { Payer } from './payer.ts'
import {
  APPROVE,
  confirmedWithin,
  decline,
  type Plan,
  planOfCase,
  planOfPattern,
  unattended,
  WAIT_FOR_A_PERSON,
} from './plan.ts'
import { minorOf, type Spending } from './spending.ts'
import { holdsMoney, WAITING } from './verdict.ts'

export interface Issuing {
  readonly issuers: ReadonlyMap<string, Issuer>
  readonly accounts: Accounts
  readonly liveTokens: LiveTokens
  readonly spending: Spending
}

export interface Decision {
  readonly plan: Plan
  /** Which part of the charge decided, for the log. */
  readonly by: 'control' | 'token' | 'reference' | 'ott' | 'amount' | 'cpan' | 'card' | 'default'
  /** The account whose limit is used, when it has one. */
  readonly account: NamedAccount | undefined
}

/** What is to be decided, besides the charge itself. */
export interface Occasion {
  readonly payer: Payer
  readonly controlCase: string | undefined
  readonly now: number
}

/** Decides a charge, by whom it is asked and until when the cardholder may confirm it. */
export function decideCharge(issuing: Issuing, body: ChargeBody, occasion: Occasion): Decision {
  const decision = decide(issuing, body, occasion)
  if (decision.plan.first !== WAITING) return decision
  if (body.recurring === true) return { ...decision, plan: unattended(decision.plan) }
  if (body.confirmBy === undefined) return decision
  return { ...decision, plan: confirmedWithin(decision.plan, Date.parse(body.confirmBy) - occasion.now) }
}

/**
 * The order is: a dead token, control, reference, one-time token, amount, CPAN pattern, the card's own state.
 * A one-time token that only says "I approve" leaves the word to the amount and the card.
 */
function decide(issuing: Issuing, body: ChargeBody, { payer, controlCase, now }: Occasion): Decision {
  const { account, refusal: deadToken } = payer
  if (deadToken) return { plan: deadToken, by: 'token', account }
  if (controlCase !== undefined) return { plan: planOfCase(controlCase), by: 'control', account }
  const referenceCase = caseOfReference(body.merchantReferenceNo)
  if (referenceCase !== undefined) return { plan: planOfCase(referenceCase), by: 'reference', account }

  const { oneTimeToken } = body
  const refusalOf = (plan: Plan) => refusalOfCard(issuing, payer, { plan, amount: body.amount.value, now })
  const magic = oneTimeToken === undefined ? APPROVE : planOfOneTimeToken(oneTimeToken)
  if (magic !== undefined && magic !== APPROVE) {
    const refusal = oneTimeToken?.startsWith('999') ? undefined : refusalOf(magic)
    return refusal ? { plan: refusal, by: 'card', account } : { plan: magic, by: 'ott', account }
  }
  if (magic === undefined && !issuing.liveTokens.spend(oneTimeToken ?? '', payer.cardNumber)) {
    return { plan: decline('40415'), by: 'ott', account }
  }

  const amountCase = caseOfAmount(body.amount.value)
  if (amountCase !== undefined) return { plan: planOfCase(amountCase), by: 'amount', account }
  const pattern = planOfCard(payer)
  const plan = pattern ?? APPROVE
  const refusal = refusalOf(plan)
  if (refusal) return { plan: refusal, by: 'card', account }
  return { plan, by: pattern ? 'cpan' : 'default', account }
}

/** What the digits of the card ask of a payment; steps other than payment let it pass. */
function planOfCard({ pattern }: Payer): Plan | undefined {
  return pattern?.step === '9' ? WAIT_FOR_A_PERSON : planOfPattern(pattern, '0')
}

/** The issuer's own refusal of what would otherwise take place, now or later. */
export function refusalOfCard(
  issuing: Issuing,
  { cardNumber, account, pattern, isToken }: Payer,
  asked: { readonly plan: Plan; readonly amount: string; readonly now: number },
): Plan | undefined {
  const issuer = isToken ? undefined : issuing.issuers.get((cardNumber ?? '').slice(0, 8))
  if (!isToken && !issuer) return decline('40409')
  if (issuer?.kki === false) return decline('40403')
  const { plan, amount, now } = asked
  if (!holdsMoney(plan.later?.verdict ?? plan.first)) return undefined
  if (!account) return pattern ? undefined : decline('40411')
  if (account.blocked) return decline('40307')
  if (account.expired) return decline('40308')
  if (account.dormant) return decline('40309')
  if (account.inactive) return decline('40318')
  if (account.suspended) return decline('40316')
  if (account.limit === null) return undefined
  const spent = issuing.spending.spentAt(account.id, now) + minorOf(amount)
  return spent > minorOf(account.limit) ? decline('40314') : undefined
}
