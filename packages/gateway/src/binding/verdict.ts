import type { OutcomeName } from '@gerbang/snap'
import type { BindingAnswer } from '../channels/channel.ts'
import type { Secret } from '../secret.ts'
import type { BindingStep } from './binding.ts'
import type { BindingState } from './states.ts'

/** What the gateway makes of the network's answer: the state to be booked, what the asker is told, and what was learnt. */
export interface Verdict {
  readonly state: BindingState
  readonly outcome: OutcomeName
  readonly networkCode: string | undefined
  readonly networkReferenceNo?: string
  /** Epoch milliseconds; undefined when the answer says nothing of it. */
  readonly otpExpiresAt?: number
  /** Present with state `active` alone. */
  readonly networkToken?: Secret
  /** No code can be tried any more. */
  readonly isOutOfTries?: boolean
}

/** An answer to the wish to keep a card, or to an inquiry about it. `at`: now, in epoch milliseconds. */
export function judge(answer: BindingAnswer, at: number): Verdict {
  const { networkCode } = answer
  switch (answer.kind) {
    case 'otp-wanted':
      return { ...learnt(answer), state: 'otp_wanted', outcome: 'successful' }
    case 'otp-sent':
      return {
        ...learnt(answer),
        state: 'otp_sent',
        outcome: 'successful',
        otpExpiresAt: answer.otpExpiresAt,
        isOutOfTries: answer.attemptsLeft === 0,
      }
    case 'pin-wanted':
      return {
        ...learnt(answer),
        state: 'pin_wanted',
        outcome: 'successful',
        isOutOfTries: answer.attemptsLeft === 0,
      }
    case 'bound':
      return {
        ...learnt(answer),
        state: 'active',
        outcome: 'successful',
        networkToken: answer.networkToken,
      }
    case 'blocked':
      return { state: 'blocked', outcome: 'otpBlocked', networkCode }
    // The code is dead, the binding is not: another may be sent.
    case 'expired':
      return { state: 'otp_sent', outcome: 'otpLifetimeExpired', networkCode, otpExpiresAt: at }
    case 'cancelled':
      return { state: 'cancelled', outcome: 'transactionCancelled', networkCode }
    case 'declined':
      return { state: 'failed', outcome: answer.outcome, networkCode }
    case 'unresolved':
      return { state: 'unresolved', outcome: 'requestInProgress', networkCode }
  }
}

const OF_THE_CODE: Partial<Record<OutcomeName, 'still-asked' | 'blocked'>> = {
  invalidOtp: 'still-asked',
  otpLifetimeExpired: 'still-asked',
  otpBlocked: 'blocked',
}

const ASKING = { otp: 'otp_sent', pin: 'pin_wanted' } as const

/** What the network asks for after a code that was tried: the same step once more. */
const ASKED_AGAIN = { otp: 'otp-sent', pin: 'pin-wanted' } as const

/** The same for an answer to a code that was tried: what is no refusal of the binding is one of the code. */
export function judgeVerification(answer: BindingAnswer, step: BindingStep, at: number): Verdict {
  const verdict = judgeAtStep(answer, step, at)
  if (verdict.state === 'otp_wanted') return { ...verdict, outcome: 'needToRequestOtp' }
  if (answer.kind === 'declined') {
    const fate = OF_THE_CODE[answer.outcome] ?? 'failed'
    return { ...verdict, state: fate === 'still-asked' ? ASKING[step] : fate }
  }
  if (answer.kind !== ASKED_AGAIN[step]) return verdict
  return verdict.isOutOfTries ? { ...verdict, ...BLOCKED } : { ...verdict, outcome: 'invalidOtp' }
}

/** The same for an inquiry: whether the code was wrong, or has not been heard, it does not say. */
export function judgeInquiry(answer: BindingAnswer, step: BindingStep, at: number): Verdict {
  const verdict = judgeAtStep(answer, step, at)
  if (answer.kind !== ASKED_AGAIN[step]) return verdict
  return verdict.isOutOfTries ? { ...verdict, ...BLOCKED } : { ...verdict, outcome: 'requestInProgress' }
}

/** Whether an answer to a code says that it was wrong. */
export function saysWrong(answer: BindingAnswer, step: BindingStep): boolean {
  return answer.kind === ASKED_AGAIN[step] || (answer.kind === 'declined' && answer.outcome === 'invalidOtp')
}

const BLOCKED = { state: 'blocked', outcome: 'otpBlocked' } as const

function judgeAtStep(answer: BindingAnswer, step: BindingStep, at: number): Verdict {
  const verdict = judge(answer, at)
  const unclear = { ...verdict, state: 'verifying', outcome: 'requestInProgress' } as const
  if (answer.kind === 'unresolved') return unclear
  if (step === 'otp' && answer.kind === 'otp-wanted') return { ...verdict, outcome: 'needToRequestOtp' }
  if (step === 'otp')
    return answer.kind === 'pin-wanted' ? { ...verdict, outcome: 'requestInProgress' } : verdict
  // Nothing leads from the PIN back to the password: it was right.
  if (answer.kind === 'otp-sent' || answer.kind === 'otp-wanted') return unclear
  return answer.kind === 'expired' ? { ...verdict, state: 'expired' } : verdict
}

function learnt({ networkCode, networkReferenceNo }: { networkCode: string; networkReferenceNo: string }) {
  return { networkCode, networkReferenceNo }
}
