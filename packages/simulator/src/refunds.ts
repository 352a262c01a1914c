import type { Reply } from './answering.ts'
import type { RefundBody } from './contract-cards.ts'
import type { Issuing } from './decision.ts'
import type { Ledger } from './ledger.ts'
import type { Network } from './network.ts'
import type { Plan } from './plan.ts'
import type { Refund } from './record.ts'
import { decideRefund } from './refund-decision.ts'
import { minorOf } from './spending.ts'
import { holdsMoney, isFinal, leftMs, type Verdict, verdictAt } from './verdict.ts'

export type RefundOutcome =
  | { readonly kind: 'booked'; readonly plan: Plan }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'expired' }

export interface Refunds {
  /** Decides and books in one synchronous step, so that no order of refunds gives back more than was charged. */
  refund(body: RefundBody, controlCase: string | undefined): RefundOutcome
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

export function openRefunds(parts: RefundParts): Refunds {
  const { ledger, network, now } = parts
  const known = ledger.kept.refund
  const sums = openSums(parts)

  function book(body: RefundBody, plan: Plan, at: number) {
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
    sums.count(refund)
  }

  return {
    refund(body, controlCase) {
      if (known.has(body.referenceNo)) return { kind: 'repeated' }
      const at = now()
      if (!(Date.parse(body.expiresAt) > at)) return { kind: 'expired' }
      const givenBack = sums.givenBack(body.originalReferenceNo)
      const plan = decideRefund(body, { network, controlCase, givenBack })
      book(body, plan, at)
      return { kind: 'booked', plan }
    },
    reply(referenceNo) {
      const refund = known.get(referenceNo)
      if (!refund) return { status: 404, body: { referenceNo, resultCode: '25' } }
      const verdict = verdictAt(refund, now())
      if (verdict !== refund.verdict) {
        ledger.keep('refund', { ...refund, verdict, resolveAt: 0, becomes: verdict })
      }
      return { status: 200, body: refundReply(refund, verdict) }
    },
    leftMs(referenceNo) {
      const refund = known.get(referenceNo)
      return refund ? leftMs(refund, now()) : 0
    },
  }
}

/** What each charge has given back. */
function openSums({ ledger, network, issuing, now }: RefundParts) {
  const known = ledger.kept.refund
  const byCharge = new Map<string, Set<string>>()

  function count(refund: Refund) {
    const references = byCharge.get(refund.originalReferenceNo) ?? new Set()
    byCharge.set(refund.originalReferenceNo, references.add(refund.referenceNo))
    const charge = network.find(refund.originalReferenceNo)
    if (charge && holdsMoney(refund.verdict)) issuing.spending.giveBack(charge, refund)
  }

  for (const refund of known.values()) count(refund)
  return {
    count,
    /** In minor units, with what may yet be given back. */
    givenBack(originalReferenceNo: string): bigint {
      let sum = 0n
      for (const referenceNo of byCharge.get(originalReferenceNo) ?? []) {
        const refund = known.get(referenceNo)
        if (refund && mayGiveBack(refund, now())) sum += minorOf(refund.amount)
      }
      return sum
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
