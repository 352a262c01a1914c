import { type Done, doneNow, type Reply } from './answering.ts'
import type { BindingSteps } from './binding-steps.ts'
import { BLOCKED, BOUND, bindingReply, EXPIRED, MOST_TRIES, WRONG_OTP, wordAt } from './binding-words.ts'
import type { VerificationBody } from './contract-cards.ts'
import { type Otps, otpWordOfCase } from './otp.ts'
import { APPROVE, type Plan, planOfPattern, unattended } from './plan.ts'
import type { Binding, BindingWord, SentOtp } from './record.ts'

const CARD_BLOCKED_MS = 24 * 3_600_000

export interface VerificationParts {
  readonly steps: BindingSteps
  readonly otps: Otps
  readonly now: () => number
  /** Told of a card that takes no new binding for a while. */
  readonly block: (binding: Binding) => void
}

interface Try {
  readonly binding: Binding
  readonly otp: SentOtp
  readonly attempt: number
}

/** Judges a try of a code in one synchronous step, so that tries that race are counted one after the other. */
export function openVerification(parts: VerificationParts) {
  const { steps, otps, now } = parts
  const refuse = openRefusal(parts)

  function accept(binding: Binding, plan: Plan): Done {
    steps.follow(binding, plan, BOUND)
    const { referenceNo } = binding
    return {
      answer: plan.answer,
      leftMs: () => steps.leftMs(referenceNo),
      reply() {
        const current = steps.observe(referenceNo) ?? binding
        return { status: 200, body: bindingReply(current, wordAt(current, now())) }
      },
    }
  }

  return (
    binding: Binding,
    { attempt, otp: typed }: VerificationBody,
    controlCase: string | undefined,
  ): Done => {
    const answered = binding.attempts[attempt]
    const { otp, referenceNo } = binding
    if (answered || binding.word.status !== 'otp-sent' || !otp) {
      const word = answered ?? wordAt(binding, now())
      return doneNow(() => ({ status: 200, body: bindingReply(binding, word) }))
    }
    const byCard = () => unattended(planOfPattern(binding.pattern, '2') ?? APPROVE)
    const byTime = otp.expiresAt <= now() ? ('expired' as const) : undefined
    const word =
      controlCase === undefined ? (byTime ?? otps.ask(otp, referenceNo, typed)) : otpWordOfCase(controlCase)
    if (typeof word === 'object') return accept(binding, word)
    if (word === 'right') return accept(binding, byCard())
    const reply = refuse({ binding, otp, attempt }, word)
    return doneNow(() => reply)
  }
}

function openRefusal({ steps, now, block }: VerificationParts) {
  /** A try that leaves the binding open, to be answered the same when it is repeated. */
  function remember(binding: Binding, attempt: number, word: BindingWord): Reply {
    const otpExpiresAt = binding.otp?.expiresAt ?? now()
    const answered = { ...word, attemptsLeft: MOST_TRIES - binding.wrongTries, otpExpiresAt }
    steps.keep({ ...binding, attempts: { ...binding.attempts, [attempt]: answered } })
    return { status: 200, body: bindingReply(binding, answered) }
  }

  return ({ binding, otp, attempt }: Try, word: 'wrong' | 'expired' | 'blocked'): Reply => {
    if (word === 'expired') {
      const expired = { ...otp, expiresAt: Math.min(otp.expiresAt, now()) }
      return remember({ ...binding, otp: expired }, attempt, EXPIRED)
    }
    const wrongTries = binding.wrongTries + 1
    if (word === 'wrong' && wrongTries < MOST_TRIES) {
      return remember({ ...binding, wrongTries }, attempt, WRONG_OTP)
    }
    // A magic code blocks the binding only: a test card has to be of use to the next test.
    const cardBlockedUntil = word === 'wrong' ? now() + CARD_BLOCKED_MS : 0
    const blocked = steps.enter({ ...binding, wrongTries, cardBlockedUntil }, BLOCKED)
    if (cardBlockedUntil > 0) block(blocked)
    return { status: 200, body: bindingReply(blocked, BLOCKED) }
  }
}
