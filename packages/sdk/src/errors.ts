import { adviceAfterSilence, adviceFor, isPayment, moneyOfFailure, type Subject } from './advice.ts'
import { type Answer, type Money, moneyOf, type OtherString, type OutcomeName, outcomeOf } from './answers.ts'
import { type CustomerText, OUTCOME_TABLE, SHOP_AT_FAULT } from './outcome-table.ts'

/** Indonesian or English, the two languages of the hosted page. */
export type Language = keyof CustomerText

/** Something given to the client is wrong. Nothing was sent. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError'
  readonly field: string
  /** Nothing was sent, so nothing moved. */
  readonly money: Money = 'not-moved'
  readonly retryable = false

  constructor(field: string, rule: string) {
    super(`${field} ${rule} Nothing was sent.`)
    this.field = field
  }
}

/** What a refusal is made of: the answer's code and words, and the rest when it is at hand. */
export type RefusalAnswer = Pick<Answer, 'responseCode' | 'responseMessage'> &
  Partial<Pick<Answer, 'body' | 'retryAfterMs'>>

/** What surrounds a refusal. */
export interface RefusalContext {
  readonly externalId?: string
  readonly money?: Money
  /** `payment` when absent. */
  readonly subject?: Subject
}

/** The gateway answered, and the answer is not a success. Each case has a class of its own that extends this one. */
export class RefusedError extends Error {
  override readonly name: string = 'RefusedError'
  /** Seven digits: HTTP status, service, case. */
  readonly responseCode: string
  readonly responseMessage: string
  /** The name of the case, or the response code when this version does not know it. */
  readonly outcome: OutcomeName | OtherString
  /** What is known about the money of the call in question. `unknown`: ask `status()` before paying again. */
  readonly money: Money
  readonly advice: string
  /**
   * The same call may succeed if it is repeated as it is, now or later. Never true for a payment or refund of which
   * it is not known whether the money moved.
   */
  readonly retryable: boolean
  /** The X-EXTERNAL-ID of the request, for the gateway's operators. */
  readonly externalId: string | undefined
  readonly #subject: Subject

  constructor(answer: RefusalAnswer, { externalId, money, subject = 'payment' }: RefusalContext) {
    const known = money ?? moneyOf(answer.responseCode)
    const outcome = outcomeOf(answer.responseCode)
    const advice = adviceFor(outcome, known, subject)
    super(`${answer.responseCode} ${answer.responseMessage}. ${advice}`)
    this.responseCode = answer.responseCode
    this.responseMessage = answer.responseMessage
    this.outcome = outcome
    this.money = moneyOfFailure(known, subject)
    this.advice = advice
    this.externalId = externalId
    this.#subject = subject
    const isOpen = (isPayment(subject) || subject === 'refund') && known !== 'not-moved'
    this.retryable = !isOpen && rowOf(outcome)?.repeat === 'again'
  }

  /** A sentence for the one who pays. It never invites to pay again while it is not known whether money moved. */
  customerMessage(language: Language): string {
    if (isPayment(this.#subject) && this.money === 'unknown') return doubtfulText(this.outcome)[language]
    return (rowOf(this.outcome)?.customer ?? SHOP_AT_FAULT)[language]
  }
}

/** No answer that can be read came back: silence, a broken connection, a page of a proxy. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
  /** `unknown` when a payment may have reached the gateway, `not-moved` when it was never sent. */
  readonly money: Money
  readonly advice: string
  /** The same call may be repeated as it is. Never true while it is not known whether money moved. */
  readonly retryable: boolean
  readonly attempts: number
  readonly externalId: string | undefined

  constructor(about: {
    attempts: number
    money: Money
    externalId?: string
    subject?: Subject
    cause: unknown
  }) {
    const subject = about.subject ?? 'payment'
    const advice = adviceAfterSilence(about.money, subject)
    super(`No answer from the gateway after ${about.attempts} attempt(s). ${advice}`, { cause: about.cause })
    this.money = moneyOfFailure(about.money, subject)
    this.advice = advice
    this.retryable = about.money === 'not-moved' || subject === 'status' || subject === 'cancellation'
    this.attempts = about.attempts
    this.externalId = about.externalId
  }

  /** A sentence for the one who pays. */
  customerMessage(language: Language): string {
    return OUTCOME_TABLE[this.money === 'not-moved' ? 'generalError' : 'timeout'].customer[language]
  }
}

/** `waitForFinal` has waited as long as it was told, and the payment is still open. Ask `status()` again later. */
export class StillPendingError extends Error {
  override readonly name = 'StillPendingError'
  readonly money: Money = 'unknown'
  readonly retryable = true
  readonly advice: string

  /** `cause` is the failure of the last question, if it failed. */
  constructor(timeoutMs: number, cause: unknown) {
    const advice = 'Whether the money moved is not known: ask status() later, and do not pay again.'
    super(`The payment was not final after ${timeoutMs} ms. ${advice}`, cause === undefined ? {} : { cause })
    this.advice = advice
  }

  /** A sentence for the one who pays. */
  customerMessage(language: Language): string {
    return OUTCOME_TABLE.requestInProgress.customer[language]
  }
}

function rowOf(outcome: string) {
  return Object.hasOwn(OUTCOME_TABLE, outcome) ? OUTCOME_TABLE[outcome as OutcomeName] : undefined
}

function doubtfulText(outcome: string): CustomerText {
  return OUTCOME_TABLE[outcome === 'timeout' ? 'timeout' : 'requestInProgress'].customer
}
