import { OUTCOMES, type OutcomeName, outcomeByCase } from '@gerbang/snap'

/** The network's result codes (ISO 8583 field 39) and what each means to a partner. */
const DECLINES: Readonly<Record<string, OutcomeName>> = {
  '05': 'doNotHonor',
  '12': 'transactionNotPermitted',
  '13': 'invalidAmount',
  '14': 'invalidCard',
  '15': 'noIssuer',
  '30': 'externalServerError',
  '51': 'insufficientFunds',
  '54': 'cardExpired',
  '55': 'invalidOtp',
  '57': 'transactionNotPermitted',
  '58': 'transactionNotPermitted',
  '59': 'suspectedFraud',
  '61': 'exceedsTransactionAmountLimit',
  '62': 'cardBlocked',
  '63': 'suspectedFraud',
  '65': 'activityCountLimitExceeded',
  '75': 'otpBlocked',
  '76': 'featureNotAllowedAtThisTime',
  '90': 'featureNotAllowedAtThisTime',
  '91': 'timeout',
  '92': 'invalidRouting',
  '94': 'duplicatePartnerReferenceNo',
  '96': 'externalServerError',
}

/** `X` + five digits carries a SNAP case for which ISO 8583 has no value. */
const SNAP_CASE = /^X(\d{5})$/

/** The outcome of a declined charge, or undefined for a code that nobody has explained to us. */
export function outcomeOf(resultCode: string): OutcomeName | undefined {
  const snapCase = SNAP_CASE.exec(resultCode)?.[1]
  if (snapCase === undefined) return Object.hasOwn(DECLINES, resultCode) ? DECLINES[resultCode] : undefined
  const outcome = outcomeByCase(snapCase)
  return outcome !== undefined && isRefusal(outcome) ? outcome : undefined
}

/** A decline that claims to be a success or still in progress contradicts itself, and is no clear word. */
function isRefusal(outcome: OutcomeName): boolean {
  const { status, money } = OUTCOMES[outcome]
  return status >= 400 && money !== 'moved'
}
