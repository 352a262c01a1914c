import { adviceFor } from './advice.ts'
import { type Answer, type Money, moneyOf, type OtherString, type OutcomeName, outcomeOf } from './answers.ts'

/** Something given to the client is wrong. Nothing was sent. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError'
  readonly field: string
  /** Nothing was sent, so nothing moved. */
  readonly money: Money = 'not-moved'

  constructor(field: string, rule: string) {
    super(`${field} ${rule} Nothing was sent.`)
    this.field = field
  }
}

/** The gateway answered, and the answer is not a success. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  /** Seven digits: HTTP status, service, case. */
  readonly responseCode: string
  readonly responseMessage: string
  /** The name of the case, or the response code when this version does not know it. */
  readonly outcome: OutcomeName | OtherString
  /** What is known about the money of the payment in question. `unknown`: ask `status()` before paying again. */
  readonly money: Money
  readonly advice: string
  /** The X-EXTERNAL-ID of the request, for the gateway's operators. */
  readonly externalId: string | undefined

  constructor(
    answer: Pick<Answer, 'responseCode' | 'responseMessage'>,
    about: { externalId?: string; money?: Money },
  ) {
    const money = about.money ?? moneyOf(answer.responseCode)
    const outcome = outcomeOf(answer.responseCode)
    const advice = adviceFor(outcome, money)
    super(`${answer.responseCode} ${answer.responseMessage}. ${advice}`)
    this.responseCode = answer.responseCode
    this.responseMessage = answer.responseMessage
    this.outcome = outcome
    this.money = money
    this.advice = advice
    this.externalId = about.externalId
  }
}

/** No answer that can be read came back: silence, a broken connection, a page of a proxy. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
  /** `unknown` when a payment may have reached the gateway, `not-moved` when it was never sent. */
  readonly money: Money
  readonly advice: string
  readonly attempts: number
  readonly externalId: string | undefined

  constructor(about: { attempts: number; money: Money; externalId?: string; cause: unknown }) {
    const advice =
      about.money === 'not-moved'
        ? 'The payment was not sent: check baseUrl and the network, then pay again.'
        : 'The payment may have moved money: ask status() before paying again.'
    super(`No answer from the gateway after ${about.attempts} attempt(s). ${advice}`, { cause: about.cause })
    this.money = about.money
    this.advice = advice
    this.attempts = about.attempts
    this.externalId = about.externalId
  }
}
