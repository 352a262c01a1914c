import type { Reply } from './answering.ts'
import type { RefundBody } from './contract-cards.ts'
import type { Issuing } from './decision.ts'
import type { Entry } from './entry.ts'
import type { Ledger } from './ledger.ts'
import type { Network } from './network.ts'
import { caseOfAmount, caseOfReference } from './nines.ts'
import { APPROVE, decline, type Plan, planOfCase, planOfPattern, unattended } from './plan.ts'
import type { Refund } from './record.ts'
import { minorOf } from './spending.ts'
import { holdsMoney, isFinal, leftMs, type Verdict, verdictAt } from './verdict.ts'

export type RefundOutcome =
  | { readonly kind: 'booked'; readonly refund: Refund; readonly plan: Plan }
  | { readonly kind: 'repeated'; readonly refund: Refund }
  | { readonly kind: 'expired' }

export interface Refunds {
  /** Decides and books in one synchronous step, so that no order of refunds gives back more than was charged. */
  refund(body: RefundBody, controlCase: string | undefined): RefundOutcome
  find(referenceNo: string): Refund | undefined
  /** What the network says of it now; a final word is written down when it is first said. */
  reply(referenceNo: string): Reply
  leftMs(referenceNo: string): number
}

export interface RefundParts {
  readonly ledger: Ledger
  readonly network: Network
  readonly issuing: Issuing
  readonly now: () => number
}

export function openRefunds({ ledger, network, issuing, now }: RefundParts): Refunds {
  const known = ledger.kept.refund
  const byCharge = new Map<string, Set<string>>()
  for (const refund of known.values()) count(refund)

  function count(refund: Refund) {
    const references = byCharge.get(refund.originalReferenceNo) ?? new Set()
    byCharge.set(refund.originalReferenceNo, references.add(refund.referenceNo))
    const charge = network.find(refund.originalReferenceNo)
    if (charge && holdsMoney(refund.verdict)) issuing.spending.giveBack(charge, refund)
  }

  /** What is given back already, or may yet be, in minor units. */
  function givenBack(originalReferenceNo: string): bigint {
    let sum = 0n
    for (const referenceNo of byCharge.get(originalReferenceNo) ?? []) {
      const refund = known.get(referenceNo)
      if (refund && mayGiveBack(refund, now())) sum += minorOf(refund.amount)
    }
    return sum
  }

  function refusalOf(body: RefundBody, charge: Entry | undefined): Plan | undefined {
    if (charge?.merchantId !== body.merchantId) return decline('40401')
    if (network.observe(charge).status !== 'approved') return decline('40400')
    const sum = givenBack(charge.referenceNo) + minorOf(body.amount.value)
    return sum > minorOf(charge.amount) ? decline('40413') : undefined
  }

  function planOf(body: RefundBody, controlCase: string | undefined): Plan {
    const charge = network.find(body.originalReferenceNo)
    const magicCase =
      controlCase ?? caseOfReference(body.merchantReferenceNo, 'refund') ?? caseOfAmount(body.amount.value)
    const magic = magicCase === undefined ? undefined : planOfCase(magicCase)
    const plan = unattended(magic ?? planOfPattern(charge?.particulars?.refundPattern, '3') ?? APPROVE)
    return holdsMoney(plan.later?.verdict ?? plan.first) ? (refusalOf(body, charge) ?? plan) : plan
  }

  return {
    refund(body, controlCase) {
      const first = known.get(body.referenceNo)
      if (first) return { kind: 'repeated', refund: first }
      const at = now()
      if (!(Date.parse(body.expiresAt) > at)) return { kind: 'expired' }
      const plan = planOf(body, controlCase)
      const refund: Refund = {
        referenceNo: body.referenceNo,
        originalReferenceNo: body.originalReferenceNo,
        merchantId: body.merchantId,
        merchantReferenceNo: body.merchantReferenceNo,
        amount: body.amount.value,
        networkReferenceNo: `F${String(known.size + 1).padStart(11, '0')}`,
        at,
        verdict: plan.first,
        resolveAt: plan.later ? at + plan.later.afterMs : 0,
        becomes: plan.later?.verdict ?? plan.first,
      }
      ledger.keep('refund', refund)
      count(refund)
      return { kind: 'booked', refund, plan }
    },
    find: (referenceNo) => known.get(referenceNo),
    reply(referenceNo) {
      const refund = known.get(referenceNo)
      if (!refund) return { status: 404, body: { referenceNo, resultCode: '25' } }
      const verdict = verdictAt(refund, now())
      if (verdict !== refund.verdict)
        ledger.keep('refund', { ...refund, verdict, resolveAt: 0, becomes: verdict })
      return { status: 200, body: refundReply(refund, verdict) }
    },
    leftMs(referenceNo) {
      const refund = known.get(referenceNo)
      return refund ? leftMs(refund, now()) : 0
    },
  }
}

function mayGiveBack(refund: Refund, now: number): boolean {
  const verdict = verdictAt(refund, now)
  return holdsMoney(isFinal(verdict) ? verdict : refund.becomes)
}

function refundReply(refund: Refund, { status, resultCode }: Verdict) {
  return {
    referenceNo: refund.referenceNo,
    status,
    resultCode,
    networkReferenceNo: refund.networkReferenceNo,
    amount: { value: refund.amount, currency: 'IDR' },
  }
}
