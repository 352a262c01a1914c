import type { Money } from './answers.ts'

/** What a call is about: it decides what its failure can say about money. `debit` is a payment from an account, a wallet or a kept card. */
export type Subject =
  | 'payment'
  | 'debit'
  | 'refund'
  | 'cancellation'
  | 'status'
  | 'card'
  | 'account'
  | 'customer'

/** Whether money can move by such a call. */
export function movesMoney(subject: Subject): boolean {
  return !(subject === 'card' || subject === 'account' || subject === 'customer')
}

/** Whether a customer pays by such a call. */
export function isPayment(subject: Subject): boolean {
  return subject === 'payment' || subject === 'debit'
}

/** What a failure tells the caller about money, where `known` is what it tells of the call itself. */
export function moneyOfFailure(known: Money, subject: Subject): Money {
  // That a payment was not called off does not say whether it was paid.
  return subject === 'cancellation' ? 'unknown' : known
}

// Only cases for which something better can be said than what follows from the money.
const BY_OUTCOME: Readonly<Record<string, string>> = {
  unauthorized:
    'Check clientId, clientSecret, privateKey and this machine\'s clock; "gerbang verify" names the mistake in a signature.',
  invalidTokenB2b:
    'The access token was refused twice: check that every gateway host shares one signing key.',
  tokenNotFoundB2b: 'The access token is not known here: check that baseUrl names one gateway.',
  invalidCustomerToken: 'Ask for a new one with customerToken(), or let the customer link the card again.',
  customerTokenNotFound: 'Ask for one with customerToken(), or let the customer link the card again.',
  partnerNotFound: 'Check clientId and baseUrl: this gateway does not know the partner.',
  invalidFieldFormat: 'Correct the named field and send it again.',
  invalidMandatoryField: 'Add the named field and send it again.',
  featureNotAllowed: 'The gateway does not offer this to you: ask its operator.',
  merchantNotRegisteredForCardRegistration: 'Keeping cards is not enabled for you: ask the operator.',
  insufficientFunds: 'The card has not enough limit: ask for another card or a smaller amount.',
  exceedsTransactionAmountLimit: 'The amount is above the limit: ask for another card or a smaller amount.',
  invalidOtp: 'The one-time token is wrong: ask the cardholder for a new one.',
  otpLifetimeExpired: 'The one-time token is too old: ask the cardholder for a new one.',
  otpBlocked: 'Too many wrong one-time tokens: the cardholder must speak to the issuer.',
  otpSentToCardholder: 'The issuer has sent a code: ask the cardholder for it.',
  needToRequestOtp: 'No code was sent yet: call resendOtp() first.',
  journeyNotFound: 'The session has ended or was never there: begin again.',
  cardBlocked: 'The issuer has blocked the card: ask for another one.',
  cardExpired: 'The card has expired: ask for another one.',
  inactiveCard: 'The card, or the token that stands for it, is not in use: ask for another one.',
  invalidCard: 'The card number is not known to the issuer: ask the cardholder to check it.',
  invalidTransactionStatus: 'The payment is not in a state that allows this: ask status().',
  invalidAmount: 'The amount is more than what is left of the payment: see refunds in status().',
  transactionNotFound:
    'The gateway knows no such payment. If it was sent moments ago, ask again in a minute; else it may be sent again with the same partnerReferenceNo.',
  duplicatePartnerReferenceNo:
    'A payment with this partnerReferenceNo has succeeded or is running: ask status().',
  inconsistentRequest: 'This partnerReferenceNo was used with other content: use a new one for a new order.',
  tooManyRequests: 'The gateway limits the rate: wait, then send again.',
}

const NO_MONEY: Readonly<Record<Money, string>> = {
  moved: 'No money is involved.',
  'not-moved': 'No money is involved.',
  unknown: 'No money is involved.',
}

const OF_A_PAYMENT: Readonly<Record<Money, string>> = {
  moved: 'The money has moved: do not pay again.',
  'not-moved': 'The money has not moved.',
  unknown: 'Whether the money moved is not known: ask status() before paying again.',
}

const BY_MONEY: Readonly<Record<Subject, Readonly<Record<Money, string>>>> = {
  payment: OF_A_PAYMENT,
  debit: OF_A_PAYMENT,
  refund: {
    moved: 'The money has gone back: do not refund again.',
    'not-moved': 'The money has not gone back.',
    unknown:
      'Whether the money went back is not known: repeat with the same partnerRefundNo, or ask status(); never with a new one.',
  },
  cancellation: {
    moved: 'The payment was not called off: ask status() what became of it.',
    'not-moved': 'The payment was not called off: ask status() what became of it.',
    unknown: 'Whether the payment was called off is not known: ask status(), or repeat the call.',
  },
  status: OF_A_PAYMENT,
  card: NO_MONEY,
  account: NO_MONEY,
  customer: NO_MONEY,
}

const OF_DEBITS: Readonly<Record<string, string>> = {
  invalidOtp: 'The code is wrong: ask the customer to read it again.',
  otpLifetimeExpired: 'The code is too old: begin a new payment, under a partnerReferenceNo of its own.',
  otpBlocked:
    'Too many wrong codes, and the payment has ended: the customer must speak to the bank or wallet.',
  otpSentToCardholder: 'The customer was sent a code: ask for it, and call confirmPayment().',
  needToRequestOtp: 'No code was sent yet.',
  invalidCustomerToken: 'Ask for a new one with customerToken(), or let the customer link the account again.',
  customerTokenNotFound: 'Ask for one with customerToken(), or let the customer link the account again.',
  insufficientFunds:
    'The customer has too little there: ask for another way to pay, or for a smaller amount.',
  exceedsTransactionAmountLimit:
    'The amount is above the limit: ask for another way to pay, or for a smaller amount.',
  inactiveCard: 'What the token stands for is not in use: let the customer link it again.',
}

const UNKNOWN_ORIGINAL = 'The gateway knows no such payment: check the original numbers.'

const OF_REFUNDS: Readonly<Record<string, string>> = {
  duplicatePartnerReferenceNo:
    'A refund with this partnerRefundNo is done or running: see refunds in status().',
  inconsistentRequest:
    'This partnerRefundNo was used with other content: use a new one for a new refund. Or the channel, a number or the customer is not that of the payment: correct it.',
  transactionNotFound: UNKNOWN_ORIGINAL,
}

const OF_CANCELLATIONS: Readonly<Record<string, string>> = {
  conflict:
    'The payment is being called off already, or its customer is confirming it at this moment: ask status().',
  inconsistentRequest: 'More than one payment fits: name the one by originalReferenceNo.',
  invalidAmount: 'Only all of a payment is called off: leave the amount out, or give that of the payment.',
  invalidTransactionStatus:
    'The payment can be called off no more: ask status(); if it is paid, refund() gives the money back.',
  transactionNotFound: UNKNOWN_ORIGINAL,
}

const OF_CARDS: Readonly<Record<string, string>> = {
  unauthorized: `${BY_OUTCOME.unauthorized} In bindCard() also check sharedKey: the card may not have been decrypted.`,
  invalidOtp: 'The code is wrong: ask the cardholder to read it again.',
  otpLifetimeExpired: 'The code is too old: call resendOtp().',
  otpBlocked: 'Too many wrong codes: begin again with bindCard() when the issuer allows it.',
  transactionNotFound: 'The gateway knows no such binding or token: check the number.',
  duplicatePartnerReferenceNo: 'This customer has kept this card already, or the number was used.',
  inconsistentRequest: 'This number was used with other content: use a new one.',
}

const OF_ACCOUNTS: Readonly<Record<string, string>> = {
  invalidOtp: 'The code is wrong: ask the customer to read it again.',
  otpLifetimeExpired: 'The code is too old, and the account is as before: call unbindAccount() again.',
  otpBlocked:
    'Too many wrong codes, and the account is as before: unbindAccount() may be called again at once.',
  transactionNotFound: 'Nothing waits for a code: call unbindAccount() with the flow "host-to-host" first.',
  transactionAlreadySuccess: 'The account is forgotten already.',
  transactionNotPermitted:
    'The account cannot be linked: most often another customer of yours has linked it already.',
  invalidCustomerToken: 'Ask for a new one with customerToken(), or let the customer link the account again.',
  customerTokenNotFound: 'Ask for one with customerToken() when the customer has confirmed the linking.',
  duplicatePartnerReferenceNo: 'This customer has linked this account already, or the number was used.',
  inactiveCard: 'The account is not in use, or is being unlinked: let the customer link it again.',
  invalidCard: 'The bank or wallet knows no such account: ask the customer to check the number.',
  inconsistentRequest: 'This number was used with other content: use a new one.',
}

const OF_CUSTOMERS: Readonly<Record<string, string>> = {
  unauthorized: `When it names the authCode: its customer has not confirmed yet, or what it stood for was unbound. Else: ${BY_OUTCOME.unauthorized}`,
}

const BY_SUBJECT: Readonly<Record<Subject, Readonly<Record<string, string>>>> = {
  payment: BY_OUTCOME,
  debit: { ...BY_OUTCOME, ...OF_DEBITS },
  status: BY_OUTCOME,
  refund: { ...BY_OUTCOME, ...OF_REFUNDS },
  cancellation: { ...BY_OUTCOME, ...OF_CANCELLATIONS },
  card: { ...BY_OUTCOME, ...OF_CARDS },
  account: { ...BY_OUTCOME, ...OF_ACCOUNTS },
  customer: { ...BY_OUTCOME, ...OF_CUSTOMERS },
}

/** One sentence or two that say what to do next. The word about money wins where money is in doubt. */
export function adviceFor(outcome: string, money: Money, subject: Subject): string {
  const specific = BY_SUBJECT[subject][outcome]
  if (specific === undefined) return BY_MONEY[subject][money]
  return money === 'not-moved' || specific.includes('status()') || outcome === 'transactionNotFound'
    ? specific
    : `${specific} ${BY_MONEY[subject][money]}`
}

/** The same after no answer at all. */
export function adviceAfterSilence(money: Money, subject: Subject): string {
  if (!movesMoney(subject)) {
    return 'No money is involved. Whether it was done is not known: repeat the call with the same externalId.'
  }
  if (subject === 'cancellation' && money === 'not-moved')
    return 'The call was not sent: check baseUrl and the network, then call cancel() again.'
  if (subject === 'cancellation') return BY_MONEY.cancellation.unknown
  const [noun, again] = subject === 'refund' ? ['refund', 'refund'] : ['payment', 'pay']
  if (money === 'not-moved')
    return `The ${noun} was not sent: check baseUrl and the network, then ${again} again.`
  return subject === 'refund'
    ? BY_MONEY.refund.unknown
    : 'The payment may have moved money: ask status() before paying again.'
}
