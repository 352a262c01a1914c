import type { BindingBody } from './contract-cards.ts'
import { type Issuing, type Occasion, refusalOfCard } from './decision.ts'
import { caseOfPhone, caseOfReference } from './nines.ts'
import { planOfOneTimeToken } from './one-time-token.ts'
import { APPROVE, decline, type Plan, planOfCase, planOfPattern, unattended } from './plan.ts'
import { holdsMoney, verdictOf } from './verdict.ts'

/** Five wrong codes were given for the card, not long ago. */
const CARD_BLOCKED: Plan = { first: verdictOf('declined', 'X40311'), answer: 'now' }

/**
 * Decides whether the cardholder is sent a code: approval means it is. The order is that of a charge, with the telephone
 * number in the place of the amount.
 */
export function decideBinding(
  issuing: Issuing,
  body: BindingBody,
  { payer, controlCase, now, isBlocked }: Occasion & { readonly isBlocked: boolean },
): Plan {
  const absolute = controlCase ?? caseOfReference(body.merchantReferenceNo, 'binding')
  if (absolute !== undefined) return unattended(planOfCase(absolute))
  const refusalOf = (plan: Plan) => {
    if (isBlocked && holdsMoney(plan.later?.verdict ?? plan.first)) return CARD_BLOCKED
    return refusalOfCard(issuing, payer, { plan, amount: '0.00', now })
  }

  const { oneTimeToken } = body
  const magic = oneTimeToken === undefined ? APPROVE : planOfOneTimeToken(oneTimeToken)
  if (magic === undefined && !issuing.liveTokens.spend(oneTimeToken ?? '', payer.cardNumber)) {
    return decline('40415')
  }
  if (magic !== undefined && magic !== APPROVE) {
    const plan = unattended(magic)
    return oneTimeToken?.startsWith('999') ? plan : (refusalOf(plan) ?? plan)
  }

  const phoneCase = body.phoneNo === undefined ? undefined : caseOfPhone(body.phoneNo)
  if (phoneCase !== undefined) return unattended(planOfCase(phoneCase))
  const plan = unattended(planOfPattern(payer.pattern, '1') ?? APPROVE)
  return refusalOf(plan) ?? plan
}
