import type { RefundBody } from './contract-cards.ts'
import type { Network } from './network.ts'
import { caseOfAmount, caseOfReference } from './nines.ts'
import { APPROVE, decline, type Plan, planOfCase, planOfPattern, unattended } from './plan.ts'
import { minorOf } from './spending.ts'
import { holdsMoney } from './verdict.ts'

export interface RefundOccasion {
  readonly network: Network
  readonly controlCase: string | undefined
  /** What the charge has given back, or may yet, in minor units. */
  readonly givenBack: bigint
}

/** The order is: control, reference, amount, CPAN pattern. None of them gives back more than was charged. */
export function decideRefund(body: RefundBody, occasion: RefundOccasion): Plan {
  const { network, controlCase } = occasion
  const magicCase =
    controlCase ?? caseOfReference(body.merchantReferenceNo, 'refund') ?? caseOfAmount(body.amount.value)
  const pattern = network.find(body.originalReferenceNo)?.particulars?.refundPattern
  const magic = magicCase === undefined ? planOfPattern(pattern, '3') : planOfCase(magicCase)
  const plan = unattended(magic ?? APPROVE)
  return holdsMoney(plan.later?.verdict ?? plan.first) ? (refusalOf(body, occasion) ?? plan) : plan
}

function refusalOf(body: RefundBody, { network, givenBack }: RefundOccasion): Plan | undefined {
  const charge = network.find(body.originalReferenceNo)
  if (charge?.merchantId !== body.merchantId) return decline('40401')
  if (network.observe(charge).status !== 'approved') return decline('40400')
  return givenBack + minorOf(body.amount.value) > minorOf(charge.amount) ? decline('40413') : undefined
}
