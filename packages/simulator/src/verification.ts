import { type Done, doneNow, type Reply } from './answering.ts'
import type { BindingSteps } from './binding-steps.ts'
import { BLOCKED, BOUND, bindingReply, EXPIRED, MOST_TRIES, WRONG_OTP, wordAt } from './binding-words.ts'
import type { VerificationBody } from './contract-cards.ts'
import { type Otps, type OtpWord, otpWordOfCase } from './otp.ts'
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

/** Judges a try of a code in one synchronous step, so that tries that race are counted one after the other. */
export function openVerification({ steps, otps, now, block }: VerificationParts) {
  function judge(
    binding: Binding,
    otp: SentOtp,
    tried: { otp: string; controlCase: string | undefined },
  ): OtpWord {
    if (tried.controlCase !== undefined) return otpWordOfCase(tried.controlCase)
    if (otp.expiresAt <= now()) return 'expired'
    return otps.ask(otp, binding.referenceNo, tried.otp)
  }

  /** A try that leaves the binding open, to be answered the same when it is repeated. */
  function remember(binding: Binding, attempt: number, word: BindingWord): Reply {
    const otpExpiresAt = binding.otp?.expiresAt ?? now()
    const answered = { ...word, attemptsLeft: MOST_TRIES - binding.wrongTries, otpExpiresAt }
    steps.keep({ ...binding, attempts: { ...binding.attempts, [attempt]: answered } })
    return { status: 200, body: bindingReply(binding, answered) }
  }

  function refuse(
    binding: Binding,
    otp: SentOtp,
    refused: { word: 'wrong' | 'expired' | 'blocked'; attempt: number },
  ): Reply {
    const { word, attempt } = refused
    if (word === 'expired') {
      const expired = { ...otp, expiresAt: Math.min(otp.expiresAt, now()) }
      return remember({ ...binding, otp: expired }, attempt, EXPIRED)
    }
    const wrongTries = binding.wrongTries + 1
    if (word === 'wrong' && wrongTries < MOST_TRIES)
      return remember({ ...binding, wrongTries }, attempt, WRONG_OTP)
    const cardBlockedUntil = word === 'wrong' ? now() + CARD_BLOCKED_MS : 0
    const blocked = steps.enter({ ...binding, wrongTries, cardBlockedUntil }, BLOCKED)
    if (word === 'wrong') block(blocked)
    return { status: 200, body: bindingReply(blocked, BLOCKED) }
  }

  function accept(binding: Binding, plan: Plan): Done {
    steps.follow(binding, plan, BOUND)
    const { referenceNo } = binding
    return {
      answer: plan.answer,
      leftMs: () => Math.max(0, (steps.observe(referenceNo)?.resolveAt ?? 0) - now()),
      reply() {
        const current = steps.observe(referenceNo) ?? binding
        return { status: 200, body: bindingReply(current, wordAt(current, now())) }
      },
    }
  }

  return (binding: Binding, body: VerificationBody, controlCase: string | undefined): Done => {
    const { attempt } = body
    const answered = binding.attempts[attempt]
    const { otp } = binding
    if (answered || binding.word.status !== 'otp-sent' || !otp) {
      const word = answered ?? wordAt(binding, now())
      return doneNow(() => ({ status: 200, body: bindingReply(binding, word) }))
    }
    const word = judge(binding, otp, { otp: body.otp, controlCase })
    if (typeof word === 'object') return accept(binding, word)
    if (word === 'right') return accept(binding, unattended(planOfPattern(binding.pattern, '2') ?? APPROVE))
    const reply = refuse(binding, otp, { word, attempt })
    return doneNow(() => reply)
  }
}
