import { type Done, doneNow, type Reply } from '../answering.ts'
import { type Plan, planOfCase, unattended } from '../plan.ts'
import { APPROVED, declined, isFinal, leftMs, REVERSED } from '../verdict.ts'
import type { Bank, CodeStep } from './banks.ts'
import type { Judgement, Question } from './challenge.ts'
import { asksForCodes, decideBankCharge } from './charge-decision.ts'
import { type BankChargeParts, type ChargeSteps, openChargeSteps } from './charge-steps.ts'
import { chargeReply, isRepetition, newCharge } from './charge-words.ts'
import type { BankChargeBody, BankVerificationBody } from './contract.ts'
import type { BankCharge } from './records.ts'

/** Charging: a reference that was used already is answered with what became of it. `origin`: where its pages are reached. */
export interface BankCharges {
  charge(body: BankChargeBody, asked: Asked): Done
  find(referenceNo: string): BankCharge | undefined
  /** What is true now; the first look at a resolved charge also writes it down. */
  observe(referenceNo: string): BankCharge | undefined
  reply(referenceNo: string, origin: string): Reply
  resend(referenceNo: string, asked: Asked): Done
  confirm(referenceNo: string, body: BankVerificationBody, asked: Asked): Done
  /** Calls it off: before its customer has confirmed, or, where the bank does that, on the day on which it was paid. */
  cancel(referenceNo: string, asked: Asked): Done
  /** A person confirms or refuses in the application or on the page; false when it is not waiting for one. */
  decide(referenceNo: string, approves: boolean): boolean
}

interface Asked {
  readonly origin: string
  readonly controlCase: string | undefined
}

type Tell = (referenceNo: string, origin: string, question?: Question) => Done

export function openBankCharges(parts: BankChargeParts): BankCharges {
  const { bank, challenges, customers } = parts
  const steps = openChargeSteps(parts)
  const { find, observe, settle } = steps
  const approve = openApproval(parts, steps)

  function reply(referenceNo: string, origin: string, said?: Question): Reply {
    const charge = observe(referenceNo)
    if (!charge) return { status: 404, body: { referenceNo, resultCode: '25' } }
    const { challenge, verdict } = charge
    const question = verdict.status === 'waiting' && challenge ? challenges.question(challenge) : undefined
    return { status: 200, body: chargeReply(charge, question && (said ?? question), { bank, origin }) }
  }

  const tell: Tell = (referenceNo, origin, question) => doneNow(() => reply(referenceNo, origin, question))
  const hear = openHearing(parts, { steps, approve, tell })

  return {
    find,
    observe,
    reply: (referenceNo, origin) => reply(referenceNo, origin),
    ...openings(parts, { steps, tell }),
    confirm(referenceNo, said, { origin, controlCase }) {
      const charge = observe(referenceNo)
      if (charge?.verdict.status !== 'waiting' || !charge.challenge) return tell(referenceNo, origin)
      const pin = customers.find(charge.phoneNo)?.pin ?? ''
      const judgement = challenges.judge(charge.challenge, { said, referenceNo, pin, controlCase })
      return hear(charge, judgement, origin)
    },
    cancel(referenceNo, { origin, controlCase }) {
      const charge = observe(referenceNo)
      const isRefused = controlCase !== undefined && planOfCase(controlCase).first.status === 'declined'
      if (charge && !isRefused && canCancel(charge, parts)) settle(charge, REVERSED)
      return tell(referenceNo, origin)
    },
    decide(referenceNo, approves) {
      const charge = observe(referenceNo)
      if (!charge || isFinal(charge.verdict)) return false
      if (approves) approve(charge)
      else settle(charge, declined('40404'))
      return true
    },
  }
}

/** Books what its customer has confirmed: now it is his money that decides. */
function openApproval({ bank, grants, customers }: BankChargeParts, { settle }: ChargeSteps) {
  const refusalOf = (charge: BankCharge) => {
    if (charge.phoneNo === '') return undefined
    const grant = grants.find(charge)
    if (grant?.isEnded) return declined('40318')
    return customers.refusalOfAmount(bank, charge.phoneNo, charge)?.first
  }
  return (charge: BankCharge) => settle(charge, refusalOf(charge) ?? APPROVED)
}

/** Does what a try of a code came to. */
function openHearing(
  { bank, customers, now }: BankChargeParts,
  {
    steps,
    approve,
    tell,
  }: {
    readonly steps: ChargeSteps
    readonly approve: (charge: BankCharge) => BankCharge
    readonly tell: Tell
  },
) {
  return (before: BankCharge, judgement: Judgement, origin: string): Done => {
    const charge = { ...before, challenge: judgement.challenge }
    const { referenceNo } = charge
    if (judgement.kind === 'open') {
      if (judgement.challenge !== before.challenge) steps.keep(charge)
      return tell(referenceNo, origin, judgement.question)
    }
    if (judgement.kind === 'done') approve(charge)
    if (judgement.kind === 'planned') {
      const { first, later } = unattended(judgement.plan)
      const resolveAt = later ? now() + later.afterMs : 0
      steps.settle({ ...charge, resolveAt, becomes: later?.verdict ?? first }, first)
    }
    if (judgement.kind === 'blocked') {
      // A magic code blocks the charge only: a test account has to be of use to the next test.
      if (judgement.isOfCustomer) customers.block(bank, charge.phoneNo)
      steps.settle(charge, declined('40311'))
    }
    return tell(referenceNo, origin)
  }
}

/** What makes a customer be asked: a new charge, and the wish for another code. */
function openings(
  parts: BankChargeParts,
  { steps, tell }: { readonly steps: ChargeSteps; readonly tell: Tell },
): Pick<BankCharges, 'charge' | 'resend'> {
  const { challenges, now } = parts
  return {
    charge(body, { origin, controlCase }) {
      const { referenceNo, expiresAt } = body
      const first = steps.find(referenceNo)
      if (first) {
        const duplicate = { status: 409, body: { referenceNo, resultCode: '94' } }
        return isRepetition(first, body) ? tell(referenceNo, origin) : doneNow(() => duplicate)
      }
      if (!(Date.parse(expiresAt) > now())) {
        return doneNow(() => ({ status: 410, body: { referenceNo, resultCode: '68' } }))
      }
      const { answer } = book(parts, steps, { body, controlCase })
      const left = () => steps.observe(referenceNo)
      return { ...tell(referenceNo, origin), answer, leftMs: () => leftMs(left() ?? FINAL, now()) }
    },
    resend(referenceNo, { origin, controlCase }) {
      const charge = steps.observe(referenceNo)
      if (charge?.verdict.status !== 'waiting' || !charge.challenge) return tell(referenceNo, origin)
      const plan = controlCase === undefined ? undefined : planOfCase(controlCase)
      if (plan?.first.status === 'declined') {
        const question = challenges.question(charge.challenge)
        return tell(referenceNo, origin, question && { ...question, resultCode: plan.first.resultCode })
      }
      const { challenge, question } = challenges.resend(charge.challenge, charge)
      if (challenge !== charge.challenge) steps.keep({ ...charge, challenge })
      return tell(referenceNo, origin, question)
    },
  }
}

function book(
  parts: BankChargeParts,
  { settle }: ChargeSteps,
  { body, controlCase }: { readonly body: BankChargeBody; readonly controlCase: string | undefined },
): Plan {
  const { bank, challenges, now } = parts
  const decision = decideBankCharge(body, { ...parts, controlCase, now: now() })
  const { plan } = decision
  const charge = newCharge(parts, body, decision)
  const steps = asksForCodes(bank, plan) ? stepsOf(bank, body) : undefined
  settle(steps ? { ...charge, challenge: challenges.open(bank, steps, charge) } : charge, plan.first)
  return plan
}

const FINAL = { verdict: APPROVED, resolveAt: 0, becomes: APPROVED }

function stepsOf({ sale }: Bank, { canAskPin }: BankChargeBody): readonly CodeStep[] {
  if (typeof sale === 'string') return []
  return canAskPin === true ? sale : sale.filter((step) => step !== 'pin')
}

function canCancel(charge: BankCharge, { bank, isVoidable }: BankChargeParts): boolean {
  if (!isFinal(charge.verdict)) return true
  return charge.verdict.status === 'approved' && bank.isVoidable && isVoidable(charge)
}
