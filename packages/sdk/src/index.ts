export type { AccountBinding, AccountBindOrder } from './account-binding.ts'
export type { AccountOrder, Confirmation, ConfirmOrder } from './account-payment.ts'
export type {
  AccountUnbinding,
  AccountUnbindOrder,
  UnbindingConfirmation,
  UnbindingConfirmOrder,
} from './account-unbinding.ts'
export type { Money, OtherString, OutcomeName } from './answers.ts'
export type { Balance, BalanceQuestion, BalanceResult } from './balance.ts'
export type { Cancellation, CancelOrder } from './cancellation.ts'
export type { CardBinding, CardBindOrder, CardToBind } from './card-binding.ts'
export type {
  BindingReference,
  OtpResend,
  OtpResendOrder,
  OtpVerification,
  OtpVerificationOrder,
} from './card-otp.ts'
export type { CardUnbinding, CardUnbindOrder } from './card-unbinding.ts'
export type { AccountChannel, CardChannel, WalletChannel } from './channels.ts'
export type { CustomerGrant, CustomerToken } from './customer-token.ts'
export { type Language, NoAnswerError, RefusedError, StillPendingError, ValidationError } from './errors.ts'
export { newExternalId } from './external-id.ts'
export {
  acknowledge,
  type BindingNotification,
  type Notification,
  type PaymentNotification,
} from './notification.ts'
export { NotificationError, RawBodyError } from './notification-error.ts'
export type { NotificationKeys } from './notification-keys.ts'
export {
  type NotificationReceiver,
  notificationReceiver,
  type ReceiverOptions,
  type ReceiverReply,
} from './notification-receiver.ts'
export type { NotificationHeaders, NotificationRequest } from './notification-request.ts'
export { type Sample, type SignedSample, signForTest } from './notification-sample.ts'
export { verifyNotification } from './notification-signature.ts'
export {
  type NotificationTokens,
  notificationTokens,
  type TokenKeys,
  type TokenReply,
} from './notification-tokens.ts'
export type { CardOrder, LineItem, Payment, PaymentOrder, TokenOrder } from './payment.ts'
export type { RefundOrder, RefundResult } from './refund.ts'
export {
  AuthError,
  BadRequestError,
  CancelledError,
  CardError,
  ConflictError,
  CustomerTokenError,
  DeclinedError,
  ExpiredError,
  FeatureNotAllowedError,
  GatewayError,
  InsufficientFundsError,
  InvalidFieldError,
  LimitError,
  MerchantError,
  NotFoundError,
  OtpError,
  type OtpFault,
  RateLimitError,
  RoutingError,
  SignatureError,
  StateError,
  TimeoutError,
  TokenExpiredError,
  TokenNotFoundError,
  UnavailableError,
  UnsupportedError,
} from './refusals.ts'
export type { SnapClientOptions } from './settings.ts'
export { SnapClient } from './snap-client.ts'
export type { PaymentState, PaymentStatus, RefundState, StatusQuestion } from './status.ts'
export type { Patience } from './waiting.ts'
export type { WalletOrder } from './wallet-payment.ts'
