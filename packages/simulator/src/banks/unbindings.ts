import { type Done, doneNow, type Reply } from '../answering.ts'
import type { Ledger } from '../ledger.ts'
import { APPROVE, decline, type Plan, planOfCase, unattended } from '../plan.ts'
import { APPROVED, declined, leftMs, type Verdict, verdictAt, WAITING } from '../verdict.ts'
import type { Bank } from './banks.ts'
import { type Challenges, CODE_EXPIRED, type Judgement, type Question } from './challenge.ts'
import type { BankUnbindingBody, BankUnbindingReply, BankVerificationBody } from './contract.ts'
import type { Customers } from './customers.ts'
import type { Grants } from './grants.ts'
import { type BankUnbinding, type Challenge, type Grant, nameOf } from './records.ts'

export interface BankUnbindings {
  /** Asks for the end of a token; a repetition changes nothing. */
  unbind(body: BankUnbindingBody, controlCase: string | undefined): Done
  find(referenceNo: string): BankUnbinding | undefined
  reply(referenceNo: string): Reply
  verify(referenceNo: string, said: BankVerificationBody, controlCase: string | undefined): Done
}

export interface BankUnbindingParts {
  readonly bank: Bank
  readonly ledger: Ledger
  readonly grants: Grants
  readonly customers: Customers
  readonly challenges: Challenges
  readonly now: () => number
}

/** Customers whose id holds this word are not let go. */
const REFUSED_CUSTOMER = 'UNBINDFAIL'

export function openBankUnbindings(parts: BankUnbindingParts): BankUnbindings {
  const { grants, challenges, now } = parts
  const { find, observe, keep } = openSteps(parts)

  function reply(referenceNo: string, said?: Question): Reply {
    const unbinding = observe(referenceNo)
    if (!unbinding) return { status: 404, body: { referenceNo, resultCode: '25' } }
    const question = isAsking(unbinding) ? (said ?? challenges.question(unbinding.challenge)) : undefined
    return { status: 200, body: unbindingReply(referenceNo, unbinding.verdict, question) }
  }

  const tell = (referenceNo: string, question?: Question) => doneNow(() => reply(referenceNo, question))
  const hear = openHearing(parts, keep)

  return {
    find,
    reply: (referenceNo) => reply(referenceNo),
    unbind(body, controlCase) {
      const { referenceNo } = body
      if (find(referenceNo)) return tell(referenceNo)
      const { plan, unbinding } = begin(parts, body, controlCase)
      keep(unbinding)
      return {
        answer: plan.answer,
        leftMs: () => leftMs(find(referenceNo) ?? unbinding, now()),
        reply: () => reply(referenceNo),
      }
    },
    verify(referenceNo, said, controlCase) {
      const unbinding = observe(referenceNo)
      if (!unbinding || !isAsking(unbinding)) return tell(referenceNo)
      const pin = holderOf(parts, grants.find(unbinding))?.pin ?? ''
      const judgement = challenges.judge(unbinding.challenge, { said, referenceNo, pin, controlCase })
      return tell(referenceNo, hear(unbinding, judgement))
    },
  }
}

type Asking = BankUnbinding & { readonly challenge: Challenge }

function isAsking(unbinding: BankUnbinding): unbinding is Asking {
  return unbinding.verdict.status === 'waiting' && unbinding.challenge !== undefined
}

/** How an unbinding gets from one verdict to the next; every step is written down before it is told. */
function openSteps({ bank, ledger, grants, challenges, now }: BankUnbindingParts) {
  const find = (referenceNo: string) => ledger.kept.bankUnbinding.get(nameOf(bank.slug, referenceNo))

  function keep(unbinding: BankUnbinding): BankUnbinding {
    if (unbinding.verdict.status === 'approved') {
      const grant = grants.find(unbinding)
      if (grant && !grant.isEnded) grants.end(grant)
    }
    ledger.keep('bankUnbinding', unbinding)
    return unbinding
  }

  /** No second code is sent for an unbinding: with the first one it ends. */
  function verdictNow(unbinding: BankUnbinding): Verdict {
    const question = isAsking(unbinding) ? challenges.question(unbinding.challenge) : undefined
    return question?.resultCode === CODE_EXPIRED ? declined('40312') : verdictAt(unbinding, now())
  }

  return {
    find,
    keep,
    observe(referenceNo: string): BankUnbinding | undefined {
      const unbinding = find(referenceNo)
      if (!unbinding) return undefined
      const verdict = verdictNow(unbinding)
      return verdict === unbinding.verdict ? unbinding : keep({ ...unbinding, ...final(verdict) })
    },
  }
}

function final(verdict: Verdict) {
  return { verdict, resolveAt: 0, becomes: verdict }
}

/** Does what a try of a code came to, and says what is asked now. */
function openHearing(
  { bank, grants, customers, now }: BankUnbindingParts,
  keep: (unbinding: BankUnbinding) => void,
) {
  return (before: BankUnbinding, judgement: Judgement): Question | undefined => {
    const unbinding = { ...before, challenge: judgement.challenge }
    switch (judgement.kind) {
      case 'open':
        if (judgement.challenge !== before.challenge) keep(unbinding)
        return judgement.question.resultCode === CODE_EXPIRED ? undefined : judgement.question
      case 'done':
        keep({ ...unbinding, ...final(APPROVED) })
        return undefined
      case 'planned': {
        const { first, later } = unattended(judgement.plan)
        const resolveAt = later ? now() + later.afterMs : 0
        keep({ ...unbinding, verdict: first, resolveAt, becomes: later?.verdict ?? first })
        return undefined
      }
      case 'blocked': {
        const grant = grants.find(unbinding)
        // A magic code blocks the unbinding only: a test account has to be of use to the next test.
        if (judgement.isOfCustomer && grant) customers.block(bank, grant.phoneNo)
        keep({ ...unbinding, ...final(declined('40311')) })
        return undefined
      }
    }
  }
}

function begin(
  parts: BankUnbindingParts,
  body: BankUnbindingBody,
  controlCase: string | undefined,
): { readonly plan: Plan; readonly unbinding: BankUnbinding } {
  const { bank, grants, challenges, now } = parts
  const { referenceNo, networkToken, merchantId, canAskOtp } = body
  const names = { bank: bank.slug, networkToken, merchantId }
  const grant = grants.find(names)
  const plan = planOf(grant, controlCase)
  const unbinding: BankUnbinding = {
    ...names,
    referenceNo,
    at: now(),
    verdict: plan.first,
    resolveAt: plan.later ? now() + plan.later.afterMs : 0,
    becomes: plan.later?.verdict ?? plan.first,
  }
  const isAsked = canAskOtp === true && bank.unbinding.length > 0 && grant?.isEnded === false
  if (!isAsked || plan.first !== APPROVED) return { plan, unbinding }
  const challenge = challenges.open(bank, bank.unbinding, { referenceNo, ...grant })
  return { plan, unbinding: { ...unbinding, ...final(WAITING), challenge } }
}

function holderOf({ customers }: BankUnbindingParts, grant: Grant | undefined) {
  return grant && customers.find(grant.phoneNo)
}

function planOf(grant: Grant | undefined, controlCase: string | undefined): Plan {
  if (!grant) return decline('40411')
  if (controlCase !== undefined) return unattended(planOfCase(controlCase))
  if (grant.isEnded) return APPROVE
  return grant.customerId.includes(REFUSED_CUSTOMER) ? decline('40315') : APPROVE
}

function unbindingReply(
  referenceNo: string,
  { status, resultCode }: Verdict,
  question: Question | undefined,
): BankUnbindingReply {
  if (question === undefined) return { referenceNo, status: WORDS[status], resultCode }
  const { attemptsLeft, otpExpiresAt } = question
  return {
    referenceNo,
    status: 'otp-sent',
    resultCode: question.resultCode,
    attemptsLeft,
    ...(otpExpiresAt === undefined ? {} : { otpExpiresAt: new Date(otpExpiresAt).toISOString() }),
  }
}

const WORDS = {
  approved: 'unbound',
  declined: 'declined',
  pending: 'pending',
  waiting: 'pending',
  reversed: 'declined',
} as const satisfies Record<Verdict['status'], BankUnbindingReply['status']>
