import type { OutcomeName } from '@gerbang/snap'

/** What the customer can do about it. */
export type NextStep =
  | 'ask-bank'
  | 'ask-shop'
  | 'start-again'
  | 'try-later'
  | 'other-card'
  | 'link-again'
  | 'wait'
  | 'none'

interface FailureRow {
  /** HTTP status of the page. */
  readonly status: number
  readonly next: NextStep
  /** Whether nothing was paid or kept for certain, so that the page may say so. */
  readonly isSurelyNotDone: boolean
}

function row(status: number, next: NextStep, isSurelyNotDone = true): FailureRow {
  return { status, next, isSurelyNotDone }
}

/** Every end without success. The words are in the texts of each language. */
export const FAILURES = {
  sessionExpired: row(410, 'start-again'),
  sessionNotFound: row(404, 'start-again', false),
  cancelled: row(200, 'none'),
  codeBlocked: row(403, 'try-later'),
  pinBlocked: row(403, 'try-later'),
  codeExpired: row(403, 'start-again'),
  codeNotAsked: row(403, 'start-again'),
  codeWrong: row(403, 'start-again'),
  shopFault: row(200, 'ask-shop', false),
  bankDown: row(503, 'try-later', false),
  bankSilent: row(200, 'wait', false),
  bankClosed: row(200, 'try-later'),
  trouble: row(500, 'try-later', false),
  busy: row(429, 'try-later'),
  alreadyDone: row(200, 'none', false),
  timeRanOut: row(200, 'start-again'),
  declined: row(200, 'other-card'),
  notPermitted: row(200, 'other-card'),
  suspended: row(200, 'ask-bank'),
  methodUnavailable: row(200, 'other-card'),
  overTransactionLimit: row(200, 'other-card'),
  overCardLimit: row(200, 'other-card'),
  overAccountLimit: row(200, 'other-card'),
  tooManyToday: row(200, 'try-later'),
  setLimitFirst: row(200, 'ask-bank'),
  limitFixed: row(200, 'ask-bank'),
  insufficientFunds: row(200, 'other-card'),
  cardBlocked: row(200, 'ask-bank'),
  cardExpired: row(200, 'ask-bank'),
  cardInactive: row(200, 'ask-bank'),
  accountDormant: row(200, 'ask-bank'),
  cardNotFound: row(200, 'other-card'),
  bankUnknown: row(200, 'other-card'),
  bankNotFound: row(200, 'other-card'),
  bankNotSupported: row(200, 'other-card'),
  accountTaken: row(200, 'other-card'),
  linkAgain: row(200, 'link-again'),
} as const satisfies Record<string, FailureRow>

export type FailureKind = keyof typeof FAILURES

/** Outcomes that are the customer's to know. What is missing is between the shop and us. */
const BY_OUTCOME: Partial<Record<OutcomeName, FailureKind>> = {
  invalidCustomerToken: 'linkAgain',
  customerTokenNotFound: 'linkAgain',
  transactionExpired: 'timeRanOut',
  featureNotAllowed: 'methodUnavailable',
  exceedsTransactionAmountLimit: 'overTransactionLimit',
  suspectedFraud: 'declined',
  activityCountLimitExceeded: 'tooManyToday',
  doNotHonor: 'declined',
  featureNotAllowedAtThisTime: 'bankClosed',
  cardBlocked: 'cardBlocked',
  cardExpired: 'cardExpired',
  dormantAccount: 'accountDormant',
  needToSetTokenLimit: 'setLimitFirst',
  otpBlocked: 'codeBlocked',
  otpLifetimeExpired: 'codeExpired',
  insufficientFunds: 'insufficientFunds',
  transactionNotPermitted: 'notPermitted',
  suspendTransaction: 'suspended',
  tokenLimitExceeded: 'overCardLimit',
  inactiveCard: 'cardInactive',
  setLimitNotAllowed: 'limitFixed',
  accountLimitExceed: 'overAccountLimit',
  invalidRouting: 'bankUnknown',
  bankNotSupportedBySwitch: 'bankNotSupported',
  transactionCancelled: 'cancelled',
  needToRequestOtp: 'codeNotAsked',
  journeyNotFound: 'sessionNotFound',
  noIssuer: 'bankNotFound',
  invalidCard: 'cardNotFound',
  paidBill: 'alreadyDone',
  transactionAlreadySuccess: 'alreadyDone',
  invalidOtp: 'codeWrong',
  tooManyRequests: 'busy',
  generalError: 'trouble',
  internalServerError: 'trouble',
  externalServerError: 'bankDown',
  timeout: 'bankSilent',
}

/** How the customer hears of a refusal. Details of the shop's own mistakes, and of fraud checks, stay with us. */
export function failureOf(outcome: OutcomeName): FailureKind {
  return BY_OUTCOME[outcome] ?? 'shopFault'
}
