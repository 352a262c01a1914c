import type { Money } from './answers.ts'

// Only cases for which something better can be said than what follows from the money.
const BY_OUTCOME: Readonly<Record<string, string>> = {
  unauthorized:
    'Check clientId, clientSecret, privateKey and this machine\'s clock; "gerbang verify" names the mistake in a signature.',
  invalidTokenB2b:
    'The access token was refused twice: check that every gateway host shares one signing key.',
  invalidFieldFormat: 'Correct the named field and send it again.',
  invalidMandatoryField: 'Add the named field and send it again.',
  insufficientFunds: 'The card has not enough limit: ask for another card or a smaller amount.',
  exceedsTransactionAmountLimit: 'The amount is above the limit: ask for another card or a smaller amount.',
  invalidOtp: 'The one-time token is wrong: ask the cardholder for a new one.',
  otpLifetimeExpired: 'The one-time token is too old: ask the cardholder for a new one.',
  otpBlocked: 'Too many wrong one-time tokens: the cardholder must speak to the issuer.',
  cardBlocked: 'The issuer has blocked the card: ask for another one.',
  cardExpired: 'The card has expired: ask for another one.',
  invalidCard: 'The card number is not known to the issuer: ask the cardholder to check it.',
  transactionNotFound:
    'The gateway knows no such payment. If it was sent moments ago, ask again in a minute; else it may be sent again with the same partnerReferenceNo.',
  duplicatePartnerReferenceNo:
    'A payment with this partnerReferenceNo has succeeded or is running: ask status().',
  inconsistentRequest: 'This partnerReferenceNo was used with other content: use a new one for a new order.',
  tooManyRequests: 'The gateway limits the rate: wait, then send again.',
}

const BY_MONEY: Readonly<Record<Money, string>> = {
  moved: 'The money has moved: do not pay again.',
  'not-moved': 'The money has not moved.',
  unknown: 'Whether the money moved is not known: ask status() before paying again.',
}

/** One sentence or two that say what to do next. The word about money wins where money is in doubt. */
export function adviceFor(outcome: string, money: Money): string {
  const specific = BY_OUTCOME[outcome]
  if (specific === undefined) return BY_MONEY[money]
  return money === 'not-moved' || specific.includes('status()') || outcome === 'transactionNotFound'
    ? specific
    : `${specific} ${BY_MONEY[money]}`
}
