import { type OutcomeName, responseMessage } from './response-codes.ts'

export interface SnapErrorOptions {
  /** Fills the placeholder of the message; it reaches the partner, so it never holds a card, code or secret. */
  readonly detail?: string | undefined
  /** When the same request may be tried again, where that is known. */
  readonly retryAfterSeconds?: number
  /** For the operator's log only. */
  readonly cause?: unknown
}

/** A refusal that has an answer in SNAP. Thrown by the outcome's name, never by its number. */
export class SnapError extends Error {
  override readonly name = 'SnapError'
  readonly outcome: OutcomeName
  readonly detail: string | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(outcome: OutcomeName, { detail, retryAfterSeconds, cause }: SnapErrorOptions = {}) {
    super(responseMessage(outcome, detail), { cause })
    this.outcome = outcome
    this.detail = detail
    this.retryAfterSeconds = retryAfterSeconds
  }
}
