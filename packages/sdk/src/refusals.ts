import { type OutcomeName, outcomeOf } from './answers.ts'
import { type Language, type RefusalAnswer, type RefusalContext, RefusedError } from './errors.ts'
import { OUTCOME_TABLE, type RefusalKind } from './outcome-table.ts'

/** The body is not what the protocol expects. */
export class BadRequestError extends RefusedError {
  override readonly name: string = 'BadRequestError'
}

/** One field is missing or malformed. */
export class InvalidFieldError extends RefusedError {
  override readonly name: string = 'InvalidFieldError'
  /** The field as the gateway names it, `amount.value`; undefined when it named none. */
  readonly field: string | undefined

  constructor(answer: RefusalAnswer, context: RefusalContext) {
    super(answer, context)
    this.field = FIELDS[this.outcome] ?? fieldOf(answer.responseMessage)
  }
}

/** The gateway does not know or believe who asks. */
export class AuthError extends RefusedError {
  override readonly name: string = 'AuthError'
  /** The words behind "Unauthorized."; undefined when there are none. */
  readonly reason: string | undefined

  constructor(answer: RefusalAnswer, context: RefusalContext) {
    super(answer, context)
    this.reason = reasonOf(answer.responseMessage)
  }
}

/** The signature does not fit: the secret, the private key or the clock. */
export class SignatureError extends AuthError {
  override readonly name: string = 'SignatureError'
}

/** The access token was refused, and so was a new one. */
export class TokenExpiredError extends RefusedError {
  override readonly name: string = 'TokenExpiredError'
}

/** The gateway has never issued this access token. */
export class TokenNotFoundError extends RefusedError {
  override readonly name: string = 'TokenNotFoundError'
}

/** The customer's token is missing, has expired, or the customer has unlinked the card. */
export class CustomerTokenError extends RefusedError {
  override readonly name: string = 'CustomerTokenError'
}

/** The cardholder has not confirmed in time. */
export class ExpiredError extends RefusedError {
  override readonly name: string = 'ExpiredError'
}

/** The gateway does not offer this to the merchant. */
export class FeatureNotAllowedError extends RefusedError {
  override readonly name: string = 'FeatureNotAllowedError'
}

/** A limit of the card, the account or the merchant. */
export class LimitError extends RefusedError {
  override readonly name: string = 'LimitError'
}

/** The issuer says no and gives no reason that helps. */
export class DeclinedError extends RefusedError {
  override readonly name: string = 'DeclinedError'
}

/** The issuer is closed for now. */
export class UnavailableError extends RefusedError {
  override readonly name: string = 'UnavailableError'
}

/** This card, or the token that stands for it, cannot pay. */
export class CardError extends RefusedError {
  override readonly name: string = 'CardError'
}

export type OtpFault = 'invalid' | 'expired' | 'blocked' | 'not-requested' | 'required'

/** The one-time password or token is wrong, too old, used up, or still to be asked for. */
export class OtpError extends RefusedError {
  override readonly name: string = 'OtpError'
  readonly kind: OtpFault
  /** Tries that are left, where a gateway says so. Gerbang never does: its replies have no member for it. */
  readonly attemptsLeft: number | undefined

  constructor(answer: RefusalAnswer, context: RefusalContext) {
    super(answer, context)
    this.kind = OTP_FAULTS[this.outcome] ?? 'invalid'
    this.attemptsLeft = attemptsOf(answer)
  }

  override customerMessage(language: Language): string {
    const text = super.customerMessage(language)
    if (!text.includes('{n}')) return text
    return this.attemptsLeft === undefined
      ? text.slice(0, text.indexOf('.'))
      : text.replace('{n}', String(this.attemptsLeft))
  }
}

/** The card has not enough limit or balance. */
export class InsufficientFundsError extends RefusedError {
  override readonly name: string = 'InsufficientFundsError'
}

/** The merchant is disabled, blocked or not registered for this. */
export class MerchantError extends RefusedError {
  override readonly name: string = 'MerchantError'
}

/** The payment is not in a state that allows this. */
export class StateError extends RefusedError {
  override readonly name: string = 'StateError'
}

/** The gateway knows no such payment, bill or session. */
export class NotFoundError extends RefusedError {
  override readonly name: string = 'NotFoundError'
}

/** No bank for this card. */
export class RoutingError extends RefusedError {
  override readonly name: string = 'RoutingError'
}

/** The cardholder has cancelled. */
export class CancelledError extends RefusedError {
  override readonly name: string = 'CancelledError'
}

/** The number was used before, for the same or for something else. */
export class ConflictError extends RefusedError {
  override readonly name: string = 'ConflictError'
}

/** The gateway or the issuer does not do this. */
export class UnsupportedError extends RefusedError {
  override readonly name: string = 'UnsupportedError'
}

/** Too many requests. */
export class RateLimitError extends RefusedError {
  override readonly name: string = 'RateLimitError'
  /** How long the gateway asks to wait; undefined when it does not say. */
  readonly retryAfterMs: number | undefined

  constructor(answer: RefusalAnswer, context: RefusalContext) {
    super(answer, context)
    this.retryAfterMs = answer.retryAfterMs
  }
}

/** Something is broken at the gateway or behind it. */
export class GatewayError extends RefusedError {
  override readonly name: string = 'GatewayError'
}

/** The gateway had no answer from the network in time. */
export class TimeoutError extends RefusedError {
  override readonly name: string = 'TimeoutError'
}

/** A class for every kind. */
export const REFUSALS = {
  RefusedError,
  BadRequestError,
  InvalidFieldError,
  AuthError,
  TokenExpiredError,
  TokenNotFoundError,
  CustomerTokenError,
  ExpiredError,
  FeatureNotAllowedError,
  LimitError,
  DeclinedError,
  UnavailableError,
  CardError,
  OtpError,
  InsufficientFundsError,
  MerchantError,
  StateError,
  NotFoundError,
  RoutingError,
  CancelledError,
  ConflictError,
  UnsupportedError,
  RateLimitError,
  GatewayError,
  TimeoutError,
} as const satisfies Record<RefusalKind, typeof RefusedError>

/** The error for an answer that is no success: the class of its case, or RefusedError for a code not known here. */
export function refusalOf(answer: RefusalAnswer, context: RefusalContext): RefusedError {
  const outcome = outcomeOf(answer.responseCode)
  if (!Object.hasOwn(OUTCOME_TABLE, outcome)) return new RefusedError(answer, context)
  if (outcome === 'unauthorized' && /signature/i.test(answer.responseMessage)) {
    return new SignatureError(answer, context)
  }
  return new REFUSALS[OUTCOME_TABLE[outcome as OutcomeName].kind](answer, context)
}

const FIELDS: Readonly<Record<string, string>> = { invalidAmount: 'amount', invalidTerminal: 'terminal' }

const OTP_FAULTS: Readonly<Record<string, OtpFault>> = {
  invalidOtp: 'invalid',
  otpLifetimeExpired: 'expired',
  otpBlocked: 'blocked',
  needToRequestOtp: 'not-requested',
  otpSentToCardholder: 'required',
}

function fieldOf(message: string): string | undefined {
  return /^Invalid (?:Field Format|Mandatory Field) (\S.*)$/i.exec(message)?.[1]
}

function reasonOf(message: string): string | undefined {
  return /^Unauthorized\.\s*(\S.*)$/i.exec(message)?.[1]
}

/** SNAP has no member for it; gateways that say it at all do so under `additionalInfo`. */
function attemptsOf({ body }: RefusalAnswer): number | undefined {
  const more = body?.additionalInfo
  const left = typeof more === 'object' && more !== null ? Reflect.get(more, 'attemptsLeft') : undefined
  const count = typeof left === 'string' && /^\d{1,3}$/.test(left) ? Number(left) : left
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : undefined
}
