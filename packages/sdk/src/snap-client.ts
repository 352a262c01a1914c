import { inspect } from 'node:util'
import { AccessTokens } from './access-tokens.ts'
import { type AccountBinding, type AccountBindOrder, accountBinding } from './account-binding.ts'
import {
  type AccountOrder,
  accountPayment,
  type Confirmation,
  type ConfirmOrder,
  confirmation,
} from './account-payment.ts'
import {
  type AccountUnbinding,
  type AccountUnbindOrder,
  accountUnbinding,
  type UnbindingConfirmation,
  type UnbindingConfirmOrder,
  unbindingConfirmation,
} from './account-unbinding.ts'
import { type BalanceQuestion, type BalanceResult, balance } from './balance.ts'
import { type Cancellation, type CancelOrder, cancellation } from './cancellation.ts'
import { type CardBinding, type CardBindOrder, cardBinding } from './card-binding.ts'
import {
  type OtpResend,
  type OtpResendOrder,
  type OtpVerification,
  type OtpVerificationOrder,
  otpResend,
  otpVerification,
} from './card-otp.ts'
import { type CardUnbinding, type CardUnbindOrder, cardUnbinding } from './card-unbinding.ts'
import { askCustomerToken, type CustomerGrant, type CustomerToken } from './customer-token.ts'
import { checkExternalId } from './field-rules.ts'
import type { Operation } from './operation.ts'
import { type Payment, type PaymentOrder, payment } from './payment.ts'
import { type RefundOrder, type RefundResult, refund } from './refund.ts'
import { refusalOf } from './refusals.ts'
import { type Settings, type SnapClientOptions, settle } from './settings.ts'
import { moneyAfterRefusal, send } from './signed-call.ts'
import { type PaymentStatus, paymentStatus, type StatusQuestion } from './status.ts'
import { type Patience, questionOf, waitUntilFinal } from './waiting.ts'
import { type WalletOrder, walletPayment } from './wallet-payment.ts'

/**
 * A merchant's client of a SNAP gateway. The constructor checks and stores; nothing is sent before the first call.
 * Every method throws ValidationError when nothing was sent, a RefusedError of the case's own class when the gateway
 * said no, NoAnswerError when it said nothing. HTTP 202 is a result, `pending`, and not an error.
 */
export class SnapClient {
  readonly #settings: Settings
  readonly #tokens: AccessTokens

  /** @throws ValidationError when an option is missing or malformed. */
  constructor(options: SnapClientOptions) {
    this.#settings = settle(options)
    this.#tokens = new AccessTokens(this.#settings)
  }

  /**
   * The B2B access token: kept until shortly before it expires, and asked for once however many calls wait for it.
   * @throws RefusedError, NoAnswerError
   */
  accessToken(): Promise<string> {
    return this.#tokens.current()
  }

  /**
   * Pays with a Kartu Kredit Indonesia card: once, keeping the card, with a kept card, or again and again without
   * the cardholder.
   * @throws ValidationError, RefusedError, NoAnswerError. Each carries `money`: pay again only when it is `not-moved`.
   */
  async pay(order: PaymentOrder): Promise<Payment> {
    return this.#do(payment(order))
  }

  /**
   * Begins to keep a card, which is encrypted before it leaves the process. The cardholder confirms on the gateway's
   * page (`redirectUrl`) or gives you the code for `verifyOtp()`.
   * @throws ValidationError, RefusedError, NoAnswerError
   */
  async bindCard(order: CardBindOrder): Promise<CardBinding> {
    return this.#do(cardBinding(order, this.#settings.clientSecret))
  }

  /** Sends the code of a binding again. @throws ValidationError, RefusedError, NoAnswerError */
  async resendOtp(order: OtpResendOrder): Promise<OtpResend> {
    return this.#do(otpResend(order))
  }

  /**
   * Ends a binding with the code that the cardholder was sent, and gives the token of the card.
   * @throws ValidationError, RefusedError (OtpError when the code is wrong or too old), NoAnswerError
   */
  async verifyOtp(order: OtpVerificationOrder): Promise<OtpVerification> {
    return this.#do(otpVerification(order))
  }

  /** Forgets a kept card: all tokens of it. @throws ValidationError, RefusedError, NoAnswerError */
  async unbindCard(order: CardUnbindOrder): Promise<CardUnbinding> {
    return this.#do(cardUnbinding(order))
  }

  /**
   * Begins to keep a customer's account at a bank or wallet: send the customer to `redirectUrl`, and ask for a
   * `customerToken()` with `authCode` once the notification says that it is kept.
   * @throws ValidationError, RefusedError, NoAnswerError
   */
  async bindAccount(order: AccountBindOrder): Promise<AccountBinding> {
    return this.#do(accountBinding(order))
  }

  /** Forgets a kept account, and with it every token of it. @throws ValidationError, RefusedError, NoAnswerError */
  async unbindAccount(order: AccountUnbindOrder): Promise<AccountUnbinding> {
    return this.#do(accountUnbinding(order))
  }

  /**
   * Forgets a kept account with the code that its customer was sent, after `unbindAccount()` with the flow `host-to-host`.
   * @throws ValidationError, RefusedError (OtpError when the code is wrong or too old), NoAnswerError
   */
  async confirmUnbinding(order: UnbindingConfirmOrder): Promise<UnbindingConfirmation> {
    return this.#do(unbindingConfirmation(order))
  }

  /** What a customer's account holds. @throws ValidationError, RefusedError, NoAnswerError */
  async balance(question: BalanceQuestion): Promise<BalanceResult> {
    return this.#do(balance(question))
  }

  /**
   * Pays from what a customer's token stands for. The customer confirms on the gateway's page (`redirectUrl`) or gives you the
   * code for `confirmPayment()`; a recurring payment is done at once.
   * @throws ValidationError, RefusedError, NoAnswerError. Each carries `money`: pay again only when it is `not-moved`.
   */
  async payFromAccount(order: AccountOrder): Promise<Payment> {
    return this.#do(accountPayment(order))
  }

  /**
   * Ends a payment with the code that the customer was sent.
   * @throws ValidationError, RefusedError (OtpError when the code is wrong or too old), NoAnswerError
   */
  async confirmPayment(order: ConfirmOrder): Promise<Confirmation> {
    return this.#do(confirmation(order))
  }

  /**
   * Pays from a wallet that keeps nothing here: send the customer to `redirectUrl`.
   * @throws ValidationError, RefusedError, NoAnswerError. Each carries `money`: pay again only when it is `not-moved`.
   */
  async payByWallet(order: WalletOrder): Promise<Payment> {
    return this.#do(walletPayment(order))
  }

  /**
   * Calls a whole payment off: before the customer has confirmed it, or on the day on which it was paid.
   * @throws ValidationError, RefusedError, NoAnswerError. The `money` of the last two is `unknown`, for what was not called off may be
   * paid or not; `advice` says whether it was called off. Repeating the call is safe.
   */
  async cancel(order: CancelOrder): Promise<Cancellation> {
    return this.#do(cancellation(order))
  }

  /**
   * Gives back part or all of a payment.
   * @throws ValidationError, RefusedError, NoAnswerError. Their `money` is the refund's: while it is `unknown`,
   * repeat with the same partnerRefundNo only.
   */
  async refund(order: RefundOrder): Promise<RefundResult> {
    return this.#do(refund(order))
  }

  /**
   * Asks what became of a payment, of its refunds, and of the card that it was to keep.
   * @throws ValidationError, RefusedError, NoAnswerError. Their `money` is `unknown`, for a question that fails says
   * nothing about the payment; only the returned `money` does.
   */
  async status(question: StatusQuestion): Promise<PaymentStatus> {
    return this.#do(paymentStatus(question))
  }

  /**
   * Asks for the status until the payment is final.
   * @throws StillPendingError when the time is over: the money is `unknown`, and asking later is safe. ValidationError,
   * RefusedError when asking again would not help; the signal's reason when it is aborted.
   */
  async waitForFinal(subject: Payment | StatusQuestion, patience: Patience = {}): Promise<PaymentStatus> {
    const question = questionOf(subject)
    return waitUntilFinal(() => this.status(question), patience, this.#settings.pause)
  }

  /**
   * A customer's own token, for the authCode of a binding or a refresh token.
   * @throws ValidationError, RefusedError, NoAnswerError
   */
  async customerToken(grant: CustomerGrant): Promise<CustomerToken> {
    return askCustomerToken(this.#settings, grant)
  }

  async #do<Result>(operation: Operation<Result>): Promise<Result> {
    const externalId = checkExternalId(operation.externalId ?? this.#settings.newExternalId())
    const concluded = await send(this.#settings, this.#tokens, { ...operation, externalId })
    const { answer } = concluded
    if (answer.responseCode.startsWith('2')) return operation.read(answer, externalId)
    const { subject } = operation
    const money = moneyAfterRefusal(concluded, subject)
    throw refusalOf(answer, { externalId, subject, ...(money === undefined ? {} : { money }) })
  }

  toJSON(): Record<string, string> {
    return {
      baseUrl: this.#settings.baseUrl.href,
      clientId: this.#settings.clientId,
      clientSecret: '[redacted]',
      privateKey: '[redacted]',
    }
  }

  [inspect.custom](): string {
    return `SnapClient ${inspect(this.toJSON())}`
  }
}
