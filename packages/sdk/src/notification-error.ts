import {
  type Operation,
  OUTCOMES,
  type OutcomeName,
  responseCode,
  responseMessage,
} from '@gerbang/snap/response-codes'

/** A request to the notification or token endpoint that is not to be believed, and what to answer. */
export class NotificationError extends Error {
  override readonly name = 'NotificationError'
  readonly httpStatus: number
  /** Seven digits: HTTP status, service, case. */
  readonly responseCode: string
  readonly responseMessage: string
  readonly outcome: OutcomeName

  constructor(operation: Operation, outcome: OutcomeName, detail?: string) {
    const code = responseCode(operation, outcome)
    const message = responseMessage(outcome, detail)
    super(`${code} ${message}`)
    this.httpStatus = OUTCOMES[outcome].status
    this.responseCode = code
    this.responseMessage = message
    this.outcome = outcome
  }
}

/** The bytes of a notification are gone: something parsed them before. It is the program that has to change. */
export class RawBodyError extends Error {
  override readonly name = 'RawBodyError'

  constructor(fix: string) {
    super(
      `The signature of a notification covers the bytes that arrived, and they are gone: a parser has read them before. ${fix}`,
    )
  }
}
