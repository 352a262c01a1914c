export { formatAmount, parseAmount } from './amount.ts'
export {
  type KkiVariant,
  meansUnbinding,
  type OtpReference,
  otpReference,
  type PaymentVariant,
  paymentVariant,
  type StatusReference,
  statusReference,
} from './body-rules.ts'
export { type Card, decryptCardData, encryptCardData } from './card-data.ts'
export { type BodyFault, checkBody, refusalOf } from './check-body.ts'
export {
  AccessTokenB2b,
  type AccessTokenB2bBody,
  type AccessTokenB2bReply,
} from './contracts/access-token-b2b.ts'
export {
  AccessTokenB2b2c,
  type AccessTokenB2b2cBody,
  type AccessTokenB2b2cReply,
} from './contracts/access-token-b2b2c.ts'
export { type BalanceBody, BalanceInquiry, type BalanceReply } from './contracts/balance-inquiry.ts'
export { Cancel, type CancelBody, type CancelReply } from './contracts/cancel.ts'
export { CONTRACTS, type Contract, pathsOf } from './contracts/contracts.ts'
export { Otp, type OtpBody, type OtpReply } from './contracts/otp.ts'
export {
  OtpVerification,
  type OtpVerificationBody,
  type OtpVerificationReply,
} from './contracts/otp-verification.ts'
export { type PaymentBody, PaymentHostToHost, type PaymentReply } from './contracts/payment-host-to-host.ts'
export { Refund, type RefundBody, type RefundReply } from './contracts/refund.ts'
export {
  type AccountBindingBody,
  type AccountBindingReply,
  RegistrationAccountBinding,
} from './contracts/registration-account-binding.ts'
export {
  type AccountUnbindingBody,
  type AccountUnbindingReply,
  RegistrationAccountUnbinding,
} from './contracts/registration-account-unbinding.ts'
export {
  type CardBindBody,
  type CardBindReply,
  RegistrationCardBind,
} from './contracts/registration-card-bind.ts'
export {
  type CardUnbindBody,
  type CardUnbindReply,
  RegistrationCardUnbind,
} from './contracts/registration-card-unbind.ts'
export { Status, type StatusBody, type StatusReply } from './contracts/status.ts'
export {
  bearerToken,
  HEADERS,
  type HeaderFault,
  type HeaderName,
  type HeaderRule,
  type HeaderValues,
  headerValue,
  readTokenHeaders,
  readTransactionHeaders,
  type TokenHeaders,
  type TransactionHeaders,
} from './headers.ts'
export { findJsonFault, type JsonFault, type JsonLimits } from './json-fault.ts'
export {
  BODY_FORMS,
  type BodyForm,
  bodyForms,
  minify,
  type NamedBody,
  STRICT_FORMS,
  withoutAbsent,
} from './json-text.ts'
export {
  type Money,
  type Operation,
  OUTCOMES,
  type Outcome,
  type OutcomeName,
  outcomeByCase,
  type Profile,
  responseCode,
  responseMessage,
  SERVICE_CODES,
} from './response-codes.ts'
export {
  readPublicKey,
  type SignedRequest,
  signAsymmetric,
  signSymmetric,
  verifyAsymmetric,
  verifySymmetric,
} from './signature.ts'
export { SnapError, type SnapErrorOptions } from './snap-error.ts'
export {
  type AsymmetricParts,
  asymmetricStringToSign,
  hashBody,
  type SymmetricParts,
  symmetricStringToSign,
  tokenStringToSign,
} from './string-to-sign.ts'
export { formatInstant, formatTimestamp, parseTimestamp, wibDate } from './timestamp.ts'
