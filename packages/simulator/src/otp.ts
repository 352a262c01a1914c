import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Inbox } from './inbox.ts'
import { caseOfOtp } from './nines.ts'
import { type Plan, planOfCase, unattended } from './plan.ts'
import type { Binding, SentOtp } from './record.ts'

export const OTP_LIFE_MS = 5 * 60_000

/** What a code says that a cardholder gives. */
export type OtpWord = 'right' | 'wrong' | 'expired' | 'blocked' | Plan

const FIXED: Readonly<Record<string, OtpWord>> = {
  '111000': 'right',
  '112233': 'right',
  '222000': 'right',
  '333000': 'right',
  '222001': 'expired',
  '222002': 'blocked',
  '222003': 'wrong',
  '222005': planOfCase('40314'),
}

/** The cases that are no end of the binding, or an end with a word of its own. */
const OF_CASE: Readonly<Record<string, OtpWord>> = {
  '20000': 'right',
  '40311': 'blocked',
  '40312': 'expired',
  '40415': 'wrong',
}

export function otpWordOfCase(caseCode: string): OtpWord {
  return OF_CASE[caseCode] ?? unattended(planOfCase(caseCode))
}

function magicWord(otp: string): OtpWord | undefined {
  const caseCode = caseOfOtp(otp)
  return FIXED[otp] ?? (caseCode === undefined ? undefined : otpWordOfCase(caseCode))
}

export interface Otps {
  /** Sends a new code to the cardholder's telephone; an earlier one of the binding is worth nothing any more. */
  send(binding: Pick<Binding, 'referenceNo' | 'merchantId' | 'phoneNo'>, resends: number): SentOtp
  /** A magic code says what it says; any other has to be the one that was sent. */
  ask(sent: SentOtp, referenceNo: string, otp: string): OtpWord
  /** Whether the code can still be told from a wrong one: the key that it was kept with ends with the process. */
  isLost(sent: SentOtp): boolean
}

/** @param pick a random whole number below its argument */
export function openOtps(inbox: Inbox, now: () => number, pick: (below: number) => number): Otps {
  const key = randomBytes(32)
  const sentHere = new Set<string>()
  const digestOf = (referenceNo: string, otp: string) =>
    createHmac('sha256', key).update(`${referenceNo}:${otp}`).digest('hex')

  function freshCode(): string {
    let code: string
    do code = String(100_000 + pick(800_000))
    while (magicWord(code) !== undefined)
    return code
  }

  return {
    send({ referenceNo, merchantId, phoneNo }, resends) {
      const code = freshCode()
      const digest = digestOf(referenceNo, code)
      sentHere.add(digest)
      inbox.put({ phone: phoneNo, referenceNo, code, merchantId })
      return { digest, sentAt: now(), expiresAt: now() + OTP_LIFE_MS, resends }
    },
    ask(sent, referenceNo, otp) {
      const magic = magicWord(otp)
      if (magic !== undefined) return magic
      if (!sentHere.has(sent.digest)) return 'expired'
      const isRight = timingSafeEqual(Buffer.from(sent.digest), Buffer.from(digestOf(referenceNo, otp)))
      return isRight ? 'right' : 'wrong'
    },
    isLost: ({ digest }) => !sentHere.has(digest),
  }
}
