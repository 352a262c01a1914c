import { type Done, doneNow, type Reply } from '../answering.ts'
import type { RefundBody } from '../contract-cards.ts'
import type { Ledger } from '../ledger.ts'
import { caseOfAmount, caseOfReference } from '../nines.ts'
import { APPROVE, decline, type Plan, planOfCase, unattended } from '../plan.ts'
import { minorOf } from '../spending.ts'
import { holdsMoney, isFinal, leftMs, verdictAt } from '../verdict.ts'
import type { Bank } from './banks.ts'
import { chargeOf, type Holdings } from './holdings.ts'
import { type BankRefund, nameOf } from './records.ts'

/** Giving back: several refunds of a charge together are never more than it. */
export interface BankRefunds {
  refund(body: RefundBody, controlCase: string | undefined): Done
  reply(referenceNo: string): Reply
}

export interface BankRefundParts {
  readonly bank: Bank
  readonly ledger: Ledger
  readonly holdings: Holdings
  readonly sums: RefundSums
  /** What the charge is now. */
  readonly statusOf: (referenceNo: string) => string | undefined
  readonly now: () => number
}

export function openBankRefunds(parts: BankRefundParts): BankRefunds {
  const { bank, ledger, holdings, sums, now } = parts
  const find = (referenceNo: string) => ledger.kept.bankRefund.get(nameOf(bank.slug, referenceNo))

  function keep(refund: BankRefund) {
    const wasGiven = find(refund.referenceNo)?.verdict.status === 'approved'
    ledger.keep('bankRefund', refund)
    const charge = chargeOf(ledger, refund)
    if (charge && !wasGiven && refund.verdict.status === 'approved') holdings.giveBack(charge, refund.amount)
  }

  function observe(referenceNo: string): BankRefund | undefined {
    const refund = find(referenceNo)
    if (!refund) return undefined
    const verdict = verdictAt(refund, now())
    if (verdict === refund.verdict) return refund
    const settled = { ...refund, verdict, resolveAt: 0, becomes: verdict }
    keep(settled)
    return settled
  }

  function reply(referenceNo: string): Reply {
    const refund = observe(referenceNo)
    if (!refund) return { status: 404, body: { referenceNo, resultCode: '25' } }
    const { verdict, networkReferenceNo, amount } = refund
    const { status, resultCode } = verdict
    return {
      status: 200,
      body: {
        referenceNo,
        status,
        resultCode,
        networkReferenceNo,
        amount: { value: amount, currency: 'IDR' },
      },
    }
  }

  return {
    reply,
    refund(body, controlCase) {
      const { referenceNo, expiresAt } = body
      if (find(referenceNo)) return doneNow(() => reply(referenceNo))
      if (!(Date.parse(expiresAt) > now())) {
        return doneNow(() => ({ status: 410, body: { referenceNo, resultCode: '68' } }))
      }
      const plan = decideRefund(parts, body, controlCase)
      const refund = newRefund(parts, body, plan)
      keep(refund)
      sums.count(refund)
      return {
        answer: plan.answer,
        leftMs: () => leftMs(find(referenceNo) ?? refund, now()),
        reply: () => reply(referenceNo),
      }
    },
  }
}

/** The order is: control, reference, amount. None of them gives back more than was charged. */
function decideRefund(
  { bank, ledger, sums, statusOf }: BankRefundParts,
  body: RefundBody,
  controlCase: string | undefined,
): Plan {
  if (!bank.isRefundable) return decline('40500')
  const magic =
    controlCase ?? caseOfReference(body.merchantReferenceNo, 'refund') ?? caseOfAmount(body.amount.value)
  const plan = magic === undefined ? APPROVE : unattended(planOfCase(magic))
  if (!holdsMoney(plan.later?.verdict ?? plan.first)) return plan
  const names = { bank: bank.slug, originalReferenceNo: body.originalReferenceNo }
  const charge = chargeOf(ledger, names)
  if (charge?.merchantId !== body.merchantId) return decline('40401')
  if (statusOf(charge.referenceNo) !== 'approved') return decline('40400')
  const sum = sums.givenBack(names) + minorOf(body.amount.value)
  return sum > minorOf(charge.amount) ? decline('40413') : plan
}

function newRefund({ bank, ledger, now }: BankRefundParts, body: RefundBody, plan: Plan): BankRefund {
  const { referenceNo, originalReferenceNo, merchantId, merchantReferenceNo, amount } = body
  return {
    bank: bank.slug,
    referenceNo,
    originalReferenceNo,
    merchantId,
    merchantReferenceNo,
    amount: amount.value,
    networkReferenceNo: `G${String(ledger.kept.bankRefund.size + 1).padStart(11, '0')}`,
    at: now(),
    verdict: plan.first,
    resolveAt: plan.later ? now() + plan.later.afterMs : 0,
    becomes: plan.later?.verdict ?? plan.first,
  }
}

type Original = Pick<BankRefund, 'bank' | 'originalReferenceNo'>

/** What each charge has given back. */
export interface RefundSums {
  count(refund: BankRefund): void
  /** In minor units, with what may yet be given back. */
  givenBack(original: Original): bigint
}

export function openRefundSums(ledger: Ledger, now: () => number): RefundSums {
  const byCharge = new Map<string, string[]>()
  const keyOf = ({ bank, originalReferenceNo }: Original) => nameOf(bank, originalReferenceNo)

  function count(refund: BankRefund) {
    const names = byCharge.get(keyOf(refund)) ?? []
    names.push(nameOf(refund.bank, refund.referenceNo))
    byCharge.set(keyOf(refund), names)
  }

  for (const refund of ledger.kept.bankRefund.values()) count(refund)
  return {
    count,
    givenBack: (original) =>
      (byCharge.get(keyOf(original)) ?? [])
        .map((name) => ledger.kept.bankRefund.get(name))
        .filter((refund) => refund !== undefined)
        .filter((refund) => mayGiveBack(refund, now()))
        .reduce((sum, { amount }) => sum + minorOf(amount), 0n),
  }
}

function mayGiveBack(refund: BankRefund, now: number): boolean {
  const verdict = verdictAt(refund, now)
  return holdsMoney(isFinal(verdict) ? verdict : refund.becomes)
}
