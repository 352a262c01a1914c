import { caseOfOtp } from '../nines.ts'
import type { Otps, OtpWord } from '../otp.ts'
import { otpWordOfCase } from '../otp.ts'
import type { Plan } from '../plan.ts'
import type { Bank, CodeStep } from './banks.ts'
import type { BankVerificationBody } from './contract.ts'
import type { Challenge, Tried } from './records.ts'

export const MOST_TRIES = 5
const RESEND_PAUSE_MS = 60_000
const MOST_RESENDS = 3

export const ON_ITS_WAY = 'W0'
const WRONG = '55'
export const CODE_EXPIRED = 'X40312'
const NOT_ASKED_FOR = 'X40406'
const TOO_MANY_CODES = 'X42900'

/** Whom a code is sent, and for what. */
export interface Addressee {
  readonly referenceNo: string
  readonly merchantId: string
  readonly phoneNo: string
}

/** What a customer is asked right now. */
export interface Question extends Tried {
  readonly step: CodeStep
}

/** What came of a try. The challenge is as it stands afterwards. */
export type Judgement =
  | { readonly kind: 'open'; readonly challenge: Challenge; readonly question: Question }
  | { readonly kind: 'done'; readonly challenge: Challenge }
  /** `isOfCustomer`: by too many wrong tries, not by a magic code. */
  | { readonly kind: 'blocked'; readonly challenge: Challenge; readonly isOfCustomer: boolean }
  | { readonly kind: 'planned'; readonly challenge: Challenge; readonly plan: Plan }

export interface Challenges {
  /** Asks for `steps`; a code is sent at once where the bank does that by itself. */
  open(bank: Bank, steps: readonly CodeStep[], to: Addressee): Challenge
  question(challenge: Challenge): Question | undefined
  /** Judges a try in one synchronous step, so that tries that race are counted one after the other. */
  judge(challenge: Challenge, tried: Try): Judgement
  /** Sends a new code, unless that was done too often or a moment ago; the tries are not counted anew. */
  resend(challenge: Challenge, to: Addressee): { readonly challenge: Challenge; readonly question: Question }
}

export interface Try {
  readonly said: BankVerificationBody
  readonly referenceNo: string
  readonly pin: string
  readonly controlCase: string | undefined
}

/** What a question is asked and answered with. */
interface Codes {
  readonly otps: Otps
  readonly now: () => number
}

/** Codes and PINs, the same for whatever a customer confirms with them. */
export function openChallenges(otps: Otps, now: () => number): Challenges {
  const codes = { otps, now }
  return {
    open(bank, steps, to) {
      const isSent = steps[0] === 'otp' && !bank.isOtpAskedFor
      return { steps, wrongTries: 0, tried: {}, ...(isSent ? { otp: otps.send(to, 0) } : {}) }
    },
    question: (challenge) => questionOf(codes, challenge),
    judge: (challenge, tried) => judge(codes, challenge, tried),
    resend: (challenge, to) => resend(codes, challenge, to),
  }
}

function questionOf({ now }: Codes, challenge: Challenge, resultCode?: string): Question | undefined {
  const [step] = challenge.steps
  if (step === undefined) return undefined
  const { otp, wrongTries } = challenge
  const question = { step, resultCode: resultCode ?? ON_ITS_WAY, attemptsLeft: MOST_TRIES - wrongTries }
  if (step === 'pin' || !otp) return question
  const isDead = otp.expiresAt <= now()
  return {
    ...question,
    ...(isDead && resultCode === undefined ? { resultCode: CODE_EXPIRED } : {}),
    otpExpiresAt: otp.expiresAt,
  }
}

function judge(codes: Codes, challenge: Challenge, one: Try): Judgement {
  const question = questionOf(codes, challenge)
  if (!question) return { kind: 'done', challenge }
  const answered = challenge.tried[nameOfTry(one.said)]
  if (one.said.step !== question.step) return { kind: 'open', challenge, question }
  if (answered) return { kind: 'open', challenge, question: { ...answered, step: question.step } }
  const word = wordOf(codes, challenge, one)
  if (typeof word === 'object') return { kind: 'planned', challenge, plan: word }
  return word === 'right' ? advance(codes, challenge) : refuse(codes, { challenge, one }, word)
}

function wordOf({ otps, now }: Codes, { steps, otp }: Challenge, one: Try): OtpWord {
  const { said, referenceNo, pin, controlCase } = one
  if (controlCase !== undefined) return otpWordOfCase(controlCase)
  if (steps[0] === 'pin') {
    const caseCode = caseOfOtp(said.code)
    if (caseCode !== undefined) return otpWordOfCase(caseCode)
    return said.code === pin ? 'right' : 'wrong'
  }
  return !otp || otp.expiresAt <= now() ? 'expired' : otps.ask(otp, referenceNo, said.code)
}

function advance(codes: Codes, challenge: Challenge): Judgement {
  const [, ...steps] = challenge.steps
  const next = { ...challenge, steps, wrongTries: 0 }
  const question = questionOf(codes, next)
  return question ? { kind: 'open', challenge: next, question } : { kind: 'done', challenge: next }
}

interface Refused {
  readonly challenge: Challenge
  readonly one: Try
}

function refuse(codes: Codes, refused: Refused, word: 'wrong' | 'expired' | 'blocked'): Judgement {
  const { challenge, one } = refused
  const { otp } = challenge
  // A PIN never grows old.
  if (word === 'expired' && one.said.step === 'otp') {
    if (!otp) return remember(codes, refused, NOT_ASKED_FOR)
    const dead = { ...otp, expiresAt: Math.min(otp.expiresAt, codes.now()) }
    return remember(codes, { challenge: { ...challenge, otp: dead }, one }, CODE_EXPIRED)
  }
  const counted = { ...challenge, wrongTries: challenge.wrongTries + 1 }
  if (word !== 'blocked' && counted.wrongTries < MOST_TRIES) {
    return remember(codes, { challenge: counted, one }, WRONG)
  }
  return { kind: 'blocked', challenge: counted, isOfCustomer: word !== 'blocked' }
}

/** A try that leaves the question open, to be answered the same when it is repeated. */
function remember(codes: Codes, { challenge, one }: Refused, resultCode: string): Judgement {
  const question = questionOf(codes, challenge, resultCode)
  if (!question) throw new Error('A try was judged that nobody asked for')
  const { step: _, ...answered } = question
  const tried = { ...challenge.tried, [nameOfTry(one.said)]: answered }
  return { kind: 'open', challenge: { ...challenge, tried }, question }
}

function resend(codes: Codes, challenge: Challenge, to: Addressee): ReturnType<Challenges['resend']> {
  const { otps, now } = codes
  const { otp } = challenge
  const question = questionOf(codes, challenge)
  if (!question) throw new Error('A code was asked for where nothing is')
  if (question.step !== 'otp') return { challenge, question }
  const isTooSoon = otp && !otps.isLost(otp) && now() < otp.sentAt + RESEND_PAUSE_MS
  if (otp && (otp.resends >= MOST_RESENDS || isTooSoon)) {
    return { challenge, question: { ...question, resultCode: TOO_MANY_CODES } }
  }
  const next = { ...challenge, otp: otps.send(to, otp ? otp.resends + 1 : 0) }
  return { challenge: next, question: questionOf(codes, next) ?? question }
}

function nameOfTry({ step, attempt }: BankVerificationBody): string {
  return `${step} ${attempt}`
}
