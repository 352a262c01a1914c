import { type Done, doneNow } from './answering.ts'
import type { BindingSteps } from './binding-steps.ts'
import { bindingReply, EXPIRED, OTP_SENT, PENDING, TOO_MANY_CODES, wordAt } from './binding-words.ts'
import type { Otps } from './otp.ts'
import { planOfCase } from './plan.ts'
import type { Binding, BindingWord, SentOtp } from './record.ts'

const RESEND_PAUSE_MS = 60_000
const MOST_RESENDS = 3

export interface ResendParts {
  readonly steps: BindingSteps
  readonly otps: Otps
  readonly now: () => number
}

/** Sends a binding's cardholder a new code, unless that was done too often; the tries are not counted anew. */
export function openResend({ steps, otps, now }: ResendParts) {
  /** A code that a restart made worthless may be replaced at once. */
  function refusalOf(
    binding: Binding,
    otp: SentOtp,
    controlCase: string | undefined,
  ): BindingWord | undefined {
    const plan = controlCase === undefined ? undefined : planOfCase(controlCase)
    if (plan?.first.status === 'declined') return { ...OTP_SENT, resultCode: plan.first.resultCode }
    const isTooSoon = !otps.isLost(otp) && now() < otp.sentAt + RESEND_PAUSE_MS
    if (otp.resends < MOST_RESENDS && !isTooSoon) return undefined
    return wordAt(binding, now()) === EXPIRED ? EXPIRED : TOO_MANY_CODES
  }

  return (binding: Binding, controlCase: string | undefined): Done => {
    const { otp, word } = binding
    const say = (about: Binding, said: BindingWord) =>
      doneNow(() => ({ status: 200, body: bindingReply(about, said) }))
    if (!otp || word.status !== 'otp-sent') return say(binding, word)
    const refusal = refusalOf(binding, otp, controlCase)
    if (refusal) return say(binding, refusal)
    const sent = steps.keep({ ...binding, otp: otps.send(binding, otp.resends + 1) })
    return say(sent, controlCase === '20200' ? PENDING : OTP_SENT)
  }
}
