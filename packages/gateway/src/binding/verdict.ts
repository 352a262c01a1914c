import type { OutcomeName } from '@gerbang/snap'
import type { BindingAnswer } from '../channels/channel.ts'
import type { Secret } from '../secret.ts'
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
    case 'otp-sent':
      return {
        ...learnt(answer),
        state: 'otp_sent',
        outcome: 'successful',
        otpExpiresAt: answer.otpExpiresAt,
        isOutOfTries: answer.attemptsLeft === 0,
      }
    // Nobody has a code yet: it is as if there were one that is dead.
    case 'otp-wanted':
      return { ...learnt(answer), state: 'otp_sent', outcome: 'successful', otpExpiresAt: at }
    case 'pin-wanted':
      return { ...learnt(answer), state: 'unresolved', outcome: 'requestInProgress' }
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

const OF_THE_CODE: Partial<Record<OutcomeName, 'otp_sent' | 'blocked'>> = {
  invalidOtp: 'otp_sent',
  otpLifetimeExpired: 'otp_sent',
  otpBlocked: 'blocked',
}

/** The same for an answer to a code that was tried: what is no refusal of the binding is one of the code. */
export function judgeVerification(answer: BindingAnswer, at: number): Verdict {
  const verdict = judge(answer, at)
  if (answer.kind === 'unresolved') return { ...verdict, state: 'verifying' }
  if (answer.kind === 'declined') return { ...verdict, state: OF_THE_CODE[answer.outcome] ?? 'failed' }
  if (answer.kind !== 'otp-sent') return verdict
  return verdict.isOutOfTries
    ? { ...verdict, state: 'blocked', outcome: 'otpBlocked' }
    : { ...verdict, outcome: 'invalidOtp' }
}

function learnt({ networkCode, networkReferenceNo }: { networkCode: string; networkReferenceNo: string }) {
  return { networkCode, networkReferenceNo }
}
