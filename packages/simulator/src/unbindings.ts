import type { Reply } from './answering.ts'
import type { UnbindingBody } from './contract-cards.ts'
import type { Ledger } from './ledger.ts'
import { APPROVE, decline, type Plan, planOfCase, planOfPattern, unattended } from './plan.ts'
import type { NetworkToken, Unbinding } from './record.ts'
import type { Tokens } from './tokens.ts'
import { holdsMoney, leftMs, verdictAt, verdictOf } from './verdict.ts'

export interface Unbindings {
  /** Asks for the end of a token; a repetition changes nothing. Returns when its caller is to hear of it. */
  unbind(body: UnbindingBody, controlCase: string | undefined): Plan['answer']
  find(referenceNo: string): Unbinding | undefined
  /** What the network says of it now; a final word is written down when it is first said. */
  reply(referenceNo: string): Reply
  leftMs(referenceNo: string): number
}

/** Customers whose id holds this word are not let go. */
const REFUSED_CUSTOMER = 'UNBINDFAIL'
const NOT_PERMITTED: Plan = { first: verdictOf('declined', 'X40315'), answer: 'now' }

export function openUnbindings(ledger: Ledger, tokens: Tokens, now: () => number): Unbindings {
  const known = ledger.kept.unbinding

  function planOf(token: NetworkToken | undefined, controlCase: string | undefined): Plan {
    if (!token) return decline('40411')
    if (controlCase !== undefined) return unattended(planOfCase(controlCase))
    if (tokens.isDead(token)) return APPROVE
    if (token.customerId.includes(REFUSED_CUSTOMER)) return NOT_PERMITTED
    return unattended(planOfPattern(token.pattern, '4') ?? APPROVE)
  }

  return {
    unbind({ referenceNo, networkToken, merchantId }, controlCase) {
      if (known.has(referenceNo)) return 'now'
      const at = now()
      const token = tokens.find(networkToken, merchantId)
      const plan = planOf(token, controlCase)
      const becomes = plan.later?.verdict ?? plan.first
      // The token first: half of the two lines after a crash is a token that is asked to end by nobody.
      if (token && holdsMoney(becomes)) {
        ledger.keep('token', { ...token, unbindings: [...token.unbindings, referenceNo] })
      }
      ledger.keep('unbinding', {
        referenceNo,
        networkToken,
        merchantId,
        at,
        verdict: plan.first,
        resolveAt: plan.later ? at + plan.later.afterMs : 0,
        becomes,
      })
      return plan.answer
    },
    find: (referenceNo) => known.get(referenceNo),
    reply(referenceNo) {
      const unbinding = known.get(referenceNo)
      if (!unbinding) return { status: 404, body: { referenceNo, resultCode: '25' } }
      const verdict = verdictAt(unbinding, now())
      if (verdict !== unbinding.verdict)
        ledger.keep('unbinding', { ...unbinding, verdict, resolveAt: 0, becomes: verdict })
      const status = verdict.status === 'approved' ? 'unbound' : verdict.status
      return { status: 200, body: { referenceNo, status, resultCode: verdict.resultCode } }
    },
    leftMs(referenceNo) {
      const unbinding = known.get(referenceNo)
      return unbinding ? leftMs(unbinding, now()) : 0
    },
  }
}
