import { type Done, doneNow, type Reply } from '../answering.ts'
import type { Ledger } from '../ledger.ts'
import { APPROVE, decline, type Plan, planOfCase, unattended } from '../plan.ts'
import { leftMs, verdictAt } from '../verdict.ts'
import type { Bank } from './banks.ts'
import type { BankUnbindingBody } from './contract.ts'
import type { Grants } from './grants.ts'
import { type BankUnbinding, type Grant, nameOf } from './records.ts'

export interface BankUnbindings {
  /** Asks for the end of a token; a repetition changes nothing. */
  unbind(body: BankUnbindingBody, controlCase: string | undefined): Done
  reply(referenceNo: string): Reply
}

/** Customers whose id holds this word are not let go. */
const REFUSED_CUSTOMER = 'UNBINDFAIL'

export function openBankUnbindings({
  bank,
  ledger,
  grants,
  now,
}: {
  readonly bank: Bank
  readonly ledger: Ledger
  readonly grants: Grants
  readonly now: () => number
}): BankUnbindings {
  const find = (referenceNo: string) => ledger.kept.bankUnbinding.get(nameOf(bank.slug, referenceNo))

  function keep(unbinding: BankUnbinding) {
    if (unbinding.verdict.status === 'approved') {
      const grant = grants.find(unbinding)
      if (grant && !grant.isEnded) grants.end(grant)
    }
    ledger.keep('bankUnbinding', unbinding)
  }

  function reply(referenceNo: string): Reply {
    const unbinding = find(referenceNo)
    if (!unbinding) return { status: 404, body: { referenceNo, resultCode: '25' } }
    const verdict = verdictAt(unbinding, now())
    if (verdict !== unbinding.verdict) keep({ ...unbinding, verdict, resolveAt: 0, becomes: verdict })
    const status = verdict.status === 'approved' ? 'unbound' : verdict.status
    return { status: 200, body: { referenceNo, status, resultCode: verdict.resultCode } }
  }

  return {
    reply,
    unbind(body, controlCase) {
      const { referenceNo, networkToken, merchantId } = body
      if (find(referenceNo)) return doneNow(() => reply(referenceNo))
      const names = { bank: bank.slug, networkToken, merchantId }
      const plan = planOf(grants.find(names), controlCase)
      const unbinding: BankUnbinding = {
        ...names,
        referenceNo,
        at: now(),
        verdict: plan.first,
        resolveAt: plan.later ? now() + plan.later.afterMs : 0,
        becomes: plan.later?.verdict ?? plan.first,
      }
      keep(unbinding)
      return {
        answer: plan.answer,
        leftMs: () => leftMs(find(referenceNo) ?? unbinding, now()),
        reply: () => reply(referenceNo),
      }
    },
  }
}

function planOf(grant: Grant | undefined, controlCase: string | undefined): Plan {
  if (!grant) return decline('40411')
  if (controlCase !== undefined) return unattended(planOfCase(controlCase))
  if (grant.isEnded) return APPROVE
  return grant.customerId.includes(REFUSED_CUSTOMER) ? decline('40315') : APPROVE
}
