import type { BindingReply } from './contract-cards.ts'
import type { Attempt, Binding, BindingWord } from './record.ts'
import type { Verdict } from './verdict.ts'

export const MOST_TRIES = 5

export const OTP_SENT: BindingWord = { status: 'otp-sent', resultCode: 'W0' }
export const WRONG_OTP: BindingWord = { status: 'otp-sent', resultCode: '55' }
export const BOUND: BindingWord = { status: 'bound', resultCode: '00' }
export const PENDING: BindingWord = { status: 'pending', resultCode: '09' }
export const BLOCKED: BindingWord = { status: 'blocked', resultCode: '75' }
export const EXPIRED: BindingWord = { status: 'expired', resultCode: 'X40312' }
export const CANCELLED: BindingWord = { status: 'cancelled', resultCode: 'X40404' }
/** The code has been sent too often, or a moment ago. */
export const TOO_MANY_CODES: BindingWord = { status: 'otp-sent', resultCode: 'X42900' }

/** A verdict in a binding's words; `success` is what an approval means at this step. */
export function wordOf({ status, resultCode }: Verdict, success: BindingWord): BindingWord {
  if (status === 'approved') return success
  if (status === 'declined') return { status, resultCode }
  // What the switch took back was never done, and nobody heard why.
  if (status === 'reversed') return { status: 'declined', resultCode: '91' }
  return PENDING
}

/** What is true of the binding at `now`: a code that was sent expires, and a new one brings the binding back. */
export function wordAt({ word, otp }: Binding, now: number): BindingWord {
  return word.status === 'otp-sent' && otp !== undefined && otp.expiresAt <= now ? EXPIRED : word
}

/** An answer about the binding: of what is true of it, or of what a try or a resend was answered with. */
export function bindingReply(binding: Binding, word: BindingWord | Attempt): BindingReply {
  const { otp } = binding
  const isOpen = word.status === 'otp-sent' || word.status === 'expired'
  const left = 'attemptsLeft' in word ? word.attemptsLeft : MOST_TRIES - binding.wrongTries
  const otpExpiresAt = 'otpExpiresAt' in word ? word.otpExpiresAt : otp?.expiresAt
  return {
    referenceNo: binding.referenceNo,
    status: word.status,
    resultCode: word.resultCode,
    networkReferenceNo: binding.networkReferenceNo,
    ...(isOpen && otpExpiresAt !== undefined
      ? { otpExpiresAt: new Date(otpExpiresAt).toISOString(), attemptsLeft: left }
      : {}),
    ...(word.status === 'bound' && binding.networkToken !== undefined
      ? { networkToken: binding.networkToken }
      : {}),
  }
}
