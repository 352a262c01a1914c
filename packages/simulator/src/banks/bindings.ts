import { type Done, doneNow, type Reply } from '../answering.ts'
import { caseOfPhone, caseOfReference } from '../nines.ts'
import { APPROVE, decline, type Plan, planOfCase, unattended } from '../plan.ts'
import type { Bank } from './banks.ts'
import {
  ASKING,
  type BankBindingParts,
  type BindingSteps,
  BLOCKED,
  BOUND,
  CANCELLED,
  openBindingSteps,
  PENDING,
} from './binding-steps.ts'
import type { Judgement, Question } from './challenge.ts'
import type { BankBindingBody, BankBindingReply, BankVerificationBody } from './contract.ts'
import type { Customers } from './customers.ts'
import type { BankBinding, BankBindingWord } from './records.ts'

/** Keeping accounts and cards: a reference that was used already is answered with what became of it. */
export interface BankBindings {
  bind(body: BankBindingBody, controlCase: string | undefined): Done
  find(referenceNo: string): BankBinding | undefined
  reply(referenceNo: string): Reply
  resend(referenceNo: string, controlCase: string | undefined): Done
  verify(referenceNo: string, body: BankVerificationBody, controlCase: string | undefined): Done
  cancel(referenceNo: string): Done
}

export function openBankBindings(parts: BankBindingParts): BankBindings {
  const { bank, challenges, customers } = parts
  const steps = openBindingSteps(parts)
  const { find, observe, keep, enter } = steps

  function reply(referenceNo: string, said?: Question): Reply {
    const binding = observe(referenceNo)
    if (!binding) return { status: 404, body: { referenceNo, resultCode: '25' } }
    const isAsking = binding.word.status === ASKING.status
    const question = isAsking ? (said ?? challenges.question(binding.challenge)) : undefined
    return { status: 200, body: bindingReply(binding, question) }
  }

  const tell: Tell = (referenceNo, question) => doneNow(() => reply(referenceNo, question))

  function follows(binding: BankBinding, plan: Plan, success: BankBindingWord): Done {
    const { referenceNo } = steps.follow(binding, plan, success)
    return { answer: plan.answer, leftMs: () => steps.leftMs(referenceNo), reply: () => reply(referenceNo) }
  }

  function hear(before: BankBinding, judgement: Judgement): Done {
    const binding = { ...before, challenge: judgement.challenge }
    if (judgement.kind === 'planned') return follows(binding, judgement.plan, BOUND)
    if (judgement.kind === 'done') return follows(binding, APPROVE, BOUND)
    if (judgement.kind === 'open') {
      if (binding.challenge !== before.challenge) keep(binding)
      return tell(binding.referenceNo, judgement.question)
    }
    // A magic code blocks the binding only: a test account has to be of use to the next test.
    if (judgement.isOfCustomer) customers.block(bank, binding.phoneNo)
    enter(binding, BLOCKED)
    return tell(binding.referenceNo)
  }

  return {
    find,
    reply: (referenceNo) => reply(referenceNo),
    ...openings(parts, { steps, tell, follows }),
    verify(referenceNo, said, controlCase) {
      const binding = observe(referenceNo)
      if (binding?.word.status !== ASKING.status) return tell(referenceNo)
      const pin = customers.find(binding.phoneNo)?.pin ?? ''
      return hear(binding, challenges.judge(binding.challenge, { said, referenceNo, pin, controlCase }))
    },
    cancel(referenceNo) {
      const binding = observe(referenceNo)
      const isOpen = binding?.word.status === ASKING.status || binding?.word.status === 'pending'
      if (binding && isOpen) enter({ ...binding, resolveAt: 0 }, CANCELLED)
      return tell(referenceNo)
    },
  }
}

type Tell = (referenceNo: string, question?: Question) => Done

/** What makes a customer be asked: a new binding, and the wish for another code. */
function openings(
  parts: BankBindingParts,
  {
    steps,
    tell,
    follows,
  }: {
    readonly steps: BindingSteps
    readonly tell: Tell
    readonly follows: (binding: BankBinding, plan: Plan, success: BankBindingWord) => Done
  },
): Pick<BankBindings, 'bind' | 'resend'> {
  const { challenges, now } = parts
  return {
    bind(body, controlCase) {
      const { referenceNo, expiresAt } = body
      if (steps.find(referenceNo)) return tell(referenceNo)
      if (!(Date.parse(expiresAt) > now())) {
        return doneNow(() => ({ status: 410, body: { referenceNo, resultCode: '68' } }))
      }
      return follows(newBinding(parts, body), decideBinding(parts, body, controlCase), ASKING)
    },
    resend(referenceNo, controlCase) {
      const binding = steps.observe(referenceNo)
      if (binding?.word.status !== ASKING.status) return tell(referenceNo)
      const plan = controlCase === undefined ? undefined : planOfCase(controlCase)
      if (plan?.first.status === 'declined') {
        const question = challenges.question(binding.challenge)
        return tell(referenceNo, question && { ...question, resultCode: plan.first.resultCode })
      }
      const { challenge, question } = challenges.resend(binding.challenge, binding)
      if (challenge !== binding.challenge) steps.keep({ ...binding, challenge })
      return tell(referenceNo, question)
    },
  }
}

/** The order is: control, reference, telephone, the customer's state, his card, whose account it is already. */
function decideBinding(
  { bank, customers, grants }: BankBindingParts,
  body: BankBindingBody,
  controlCase: string | undefined,
): Plan {
  const { phoneNo, customerId, merchantId } = body
  const magic = controlCase ?? caseOfReference(body.merchantReferenceNo, 'binding') ?? caseOfPhone(phoneNo)
  if (magic !== undefined) return unattended(planOfCase(magic))
  const refusal = customers.refusal(bank, phoneNo) ?? customers.refusalOfCodes(bank, phoneNo)
  if (refusal) return refusal
  if (!hasCard(bank, body, customers)) return decline('40411')
  const holder = grants.holder({ bank: bank.slug, merchantId, phoneNo })
  return holder === undefined || holder === customerId ? APPROVE : decline('40315')
}

/** Whether the card is the customer's, as far as the bank is told of it. */
function hasCard({ keeps }: Bank, { card, phoneNo }: BankBindingBody, customers: Customers): boolean {
  if (keeps === 'account') return true
  if (card === undefined || (keeps === 'last-four') !== (card.number.length === 4)) return false
  const person = customers.find(phoneNo)
  if (person?.cardNumber === undefined) return true
  const isNumber = person.cardNumber.endsWith(card.number)
  return isNumber && (card.expiry === undefined || card.expiry === person.cardExpiry)
}

function newBinding({ bank, ledger, now }: BankBindingParts, body: BankBindingBody): BankBinding {
  const { referenceNo, merchantId, merchantReferenceNo, customerId, phoneNo } = body
  const position = ledger.kept.bankBinding.size + 1
  return {
    bank: bank.slug,
    referenceNo,
    merchantId,
    merchantReferenceNo,
    customerId,
    phoneNo,
    networkReferenceNo: `A${String(position).padStart(11, '0')}`,
    at: now(),
    word: PENDING,
    resolveAt: 0,
    becomes: PENDING,
    challenge: { steps: [], wrongTries: 0, tried: {} },
  }
}

function bindingReply(binding: BankBinding, question: Question | undefined): BankBindingReply {
  const { referenceNo, networkReferenceNo, word, networkToken } = binding
  return {
    referenceNo,
    networkReferenceNo,
    ...(question ? questionReply(question) : { status: endOf(word), resultCode: word.resultCode }),
    ...(word.status === 'bound' && networkToken !== undefined ? { networkToken } : {}),
  }
}

function endOf({ status }: BankBindingWord): BankBindingReply['status'] {
  if (status === 'asking') throw new Error('A binding asks for nothing')
  return status
}

function questionReply({ step, resultCode, attemptsLeft, otpExpiresAt }: Question) {
  const words = { resultCode, attemptsLeft }
  if (step === 'pin') return { ...words, status: 'pin-wanted' as const }
  if (otpExpiresAt === undefined) return { ...words, status: 'otp-wanted' as const }
  const status = resultCode === 'X40312' ? ('expired' as const) : ('otp-sent' as const)
  return { ...words, status, otpExpiresAt: new Date(otpExpiresAt).toISOString() }
}
