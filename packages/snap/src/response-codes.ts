/**
 * What an answer tells the partner about the money of this request. Every row commits to one;
 * `unknown` means: ask for the status, never pay again on your own.
 */
export type Money = 'moved' | 'not-moved' | 'unknown'

export interface Outcome {
  /** HTTP status, the first three digits of the response code. */
  readonly status: number
  /** The last two digits of the response code. */
  readonly caseCode: string
  /** SNAP's wording, quirks included; `{…}` or `[…]` marks where the detail goes. */
  readonly message: string
  readonly money: Money
}

/** SNAP's three profile-independent parts in one row, so that no fact is written twice. */
function row(status: number, caseCode: string, message: string, money: Money = 'not-moved'): Outcome {
  return { status, caseCode, message, money }
}

/** The one table of answers: SNAP's 63 cases and two of DOKU's (400/03, 400/04). */
export const OUTCOMES = {
  successful: row(200, '00', 'Successful', 'moved'),
  requestInProgress: row(202, '00', 'Request In Progress', 'unknown'),
  badRequest: row(400, '00', 'Bad Request'),
  invalidFieldFormat: row(400, '01', 'Invalid Field Format {field}'),
  invalidMandatoryField: row(400, '02', 'Invalid Mandatory Field {field}'),
  transactionAlreadySuccess: row(400, '03', 'Transaction Already Success', 'moved'),
  invalidParameter: row(400, '04', 'Invalid Parameter'),
  unauthorized: row(401, '00', 'Unauthorized. [reason]'),
  invalidTokenB2b: row(401, '01', 'Invalid Token (B2B)'),
  invalidCustomerToken: row(401, '02', 'Invalid Customer Token'),
  tokenNotFoundB2b: row(401, '03', 'Token Not Found (B2B)'),
  customerTokenNotFound: row(401, '04', 'Customer Token Not Found'),
  transactionExpired: row(403, '00', 'Transaction Expired'),
  featureNotAllowed: row(403, '01', 'Feature Not Allowed [Reason]'),
  exceedsTransactionAmountLimit: row(403, '02', 'Exceeds Transaction Amount Limit'),
  suspectedFraud: row(403, '03', 'Suspected Fraud'),
  activityCountLimitExceeded: row(403, '04', 'Activity Count Limit Exceeded'),
  doNotHonor: row(403, '05', 'Do Not Honor'),
  featureNotAllowedAtThisTime: row(403, '06', 'Feature Not Allowed At This Time. [reason]'),
  cardBlocked: row(403, '07', 'Card Blocked'),
  cardExpired: row(403, '08', 'Card Expired'),
  dormantAccount: row(403, '09', 'Dormant Account'),
  needToSetTokenLimit: row(403, '10', 'Need To Set Token Limit'),
  otpBlocked: row(403, '11', 'OTP Blocked'),
  otpLifetimeExpired: row(403, '12', 'OTP Lifetime Expired'),
  otpSentToCardholder: row(403, '13', 'OTP Sent To Cardholer'),
  insufficientFunds: row(403, '14', 'Insufficient Funds'),
  transactionNotPermitted: row(403, '15', 'Transaction Not Permitted.[reason]'),
  suspendTransaction: row(403, '16', 'Suspend Transaction'),
  tokenLimitExceeded: row(403, '17', 'Token Limit Exceeded'),
  inactiveCard: row(403, '18', 'Inactive Card/Account/Customer'),
  merchantBlacklisted: row(403, '19', 'Merchant Blacklisted'),
  merchantLimitExceed: row(403, '20', 'Merchant Limit Exceed'),
  setLimitNotAllowed: row(403, '21', 'Set Limit Not Allowed'),
  tokenLimitInvalid: row(403, '22', 'Token Limit Invalid'),
  accountLimitExceed: row(403, '23', 'Account Limit Exceed'),
  invalidTransactionStatus: row(404, '00', 'Invalid Transaction Status'),
  transactionNotFound: row(404, '01', 'Transaction Not Found'),
  invalidRouting: row(404, '02', 'Invalid Routing'),
  bankNotSupportedBySwitch: row(404, '03', 'Bank Not Supported By Switch'),
  transactionCancelled: row(404, '04', 'Transaction Cancelled'),
  merchantNotRegisteredForCardRegistration: row(
    404,
    '05',
    'Merchant Is Not Registered For Card Registration Services',
  ),
  needToRequestOtp: row(404, '06', 'Need To Request OTP'),
  journeyNotFound: row(404, '07', 'Journey Not Found'),
  invalidMerchant: row(404, '08', 'Invalid Merchant'),
  noIssuer: row(404, '09', 'No Issuer'),
  invalidApiTransition: row(404, '10', 'Invalid API Transition'),
  invalidCard: row(404, '11', 'Invalid Card/Account/Customer [info]/Virtual Account'),
  invalidBill: row(404, '12', 'Invalid Bill/Virtual Account [Reason]'),
  invalidAmount: row(404, '13', 'Invalid Amount'),
  paidBill: row(404, '14', 'Paid Bill'),
  invalidOtp: row(404, '15', 'Invalid OTP'),
  partnerNotFound: row(404, '16', 'Partner Not Found'),
  invalidTerminal: row(404, '17', 'Invalid Terminal'),
  inconsistentRequest: row(404, '18', 'Inconsistent Request'),
  invalidVirtualAccount: row(404, '19', 'Invalid Bill/Virtual Account'),
  requestedFunctionIsNotSupported: row(405, '00', 'Requested Function Is Not Supported'),
  requestedOperationIsNotAllowed: row(405, '01', 'Requested Opearation Is Not Allowed'),
  conflict: row(409, '00', 'Conflict', 'unknown'),
  duplicatePartnerReferenceNo: row(409, '01', 'Duplicate partnerReferenceNo', 'unknown'),
  tooManyRequests: row(429, '00', 'Too Many Requests'),
  generalError: row(500, '00', 'General Error', 'unknown'),
  internalServerError: row(500, '01', 'Internal Server Error', 'unknown'),
  externalServerError: row(500, '02', 'External Server Error', 'unknown'),
  timeout: row(504, '00', 'Timeout', 'unknown'),
} as const satisfies Record<string, Outcome>

export type OutcomeName = keyof typeof OUTCOMES

/** `doku` is what DOKU's pages print, `snap` what Bank Indonesia's standard numbers. */
export type Profile = 'doku' | 'snap'

/** The two middle digits. A correction of the wire is one line here. */
export const SERVICE_CODES = {
  'access-token-b2b': { doku: '73', snap: '73' },
  'access-token-b2b2c': { doku: '74', snap: '74' },
  'registration-card-bind': { doku: '01', snap: '01' },
  'otp-verification': { doku: '04', snap: '04' },
  'registration-card-unbind': { doku: '05', snap: '05' },
  'registration-account-binding': { doku: '07', snap: '07' },
  // CIMB's number; DOKU's other account channels answer 09 also in its own profile.
  'registration-account-unbinding': { doku: '05', snap: '09' },
  'balance-inquiry': { doku: '11', snap: '11' },
  'payment-host-to-host': { doku: '54', snap: '54' },
  status: { doku: '55', snap: '55' },
  notify: { doku: '56', snap: '56' },
  cancel: { doku: '57', snap: '57' },
  refund: { doku: '07', snap: '58' },
  otp: { doku: '81', snap: '81' },
  unknown: { doku: '00', snap: '00' },
} as const satisfies Record<string, Record<Profile, string>>

export type Operation = keyof typeof SERVICE_CODES

const MESSAGE_MAX = 150
const PLACEHOLDER = / ?(?:\{[^}]*\}|\[[^\]]*\])/

/** The seven characters of `responseCode`: HTTP status, service, case. */
export function responseCode(operation: Operation, name: OutcomeName, profile: Profile = 'doku'): string {
  const { status, caseCode } = OUTCOMES[name]
  return `${status}${SERVICE_CODES[operation][profile]}${caseCode}`
}

/**
 * SNAP's wording with `detail` in its place, at most 150 characters. Without a detail no placeholder is left
 * behind; a row that has no place for a detail ignores it.
 */
export function responseMessage(name: OutcomeName, detail?: string): string {
  const { message } = OUTCOMES[name]
  if (!detail) return message.replace(PLACEHOLDER, '').replace(/\.$/, '')
  return message.replace(PLACEHOLDER, () => ` ${detail}`).slice(0, MESSAGE_MAX)
}

const BY_CASE: ReadonlyMap<string, OutcomeName> = new Map(
  (Object.keys(OUTCOMES) as OutcomeName[]).map((name) => [
    `${OUTCOMES[name].status}${OUTCOMES[name].caseCode}`,
    name,
  ]),
)

/** The outcome of status and case without the service: `'40314'` is `insufficientFunds`. */
export function outcomeByCase(fiveDigits: string): OutcomeName | undefined {
  return BY_CASE.get(fiveDigits)
}
