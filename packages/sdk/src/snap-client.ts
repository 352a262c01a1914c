import { inspect } from 'node:util'
import { AccessTokens } from './access-tokens.ts'
import { RefusedError } from './errors.ts'
import {
  checkExternalId,
  moneyAfterRefusal,
  PAYMENT_PATH,
  type Payment,
  type PaymentOrder,
  paymentBody,
  readPayment,
} from './payment.ts'
import { type Settings, type SnapClientOptions, settle } from './settings.ts'
import { send } from './signed-call.ts'
import { type PaymentStatus, readStatus, STATUS_PATH, type StatusQuestion, statusBody } from './status.ts'

/** A merchant's client of a SNAP gateway. The constructor checks and stores; nothing is sent before the first call. */
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
   * Pays with a Kartu Kredit Indonesia card. A payment that is still open (HTTP 202) is a result, not an error.
   * @throws ValidationError when nothing was sent; RefusedError when the gateway said no; NoAnswerError when it
   * said nothing. Each carries `money`: pay again only when it is `not-moved`.
   */
  async pay(order: PaymentOrder): Promise<Payment> {
    const body = paymentBody(order)
    const externalId = checkExternalId(order.externalId ?? this.#settings.newExternalId())
    const call = { path: PAYMENT_PATH, body, externalId, moneyIfUnsent: 'not-moved' } as const
    const { answer, isEarlierOpen } = await send(this.#settings, this.#tokens, call)
    if (answer.responseCode.startsWith('2')) return readPayment(answer, order, externalId)
    const money = moneyAfterRefusal(answer, isEarlierOpen)
    throw new RefusedError(answer, { externalId, ...(money === undefined ? {} : { money }) })
  }

  /**
   * Asks what became of a payment.
   * @throws ValidationError, RefusedError, NoAnswerError. Their `money` is `unknown`, for a question that fails says
   * nothing about the payment; only the returned `money` does.
   */
  async status(question: StatusQuestion): Promise<PaymentStatus> {
    const body = statusBody(question)
    const externalId = this.#settings.newExternalId()
    const call = { path: STATUS_PATH, body, externalId, moneyIfUnsent: 'unknown' } as const
    const { answer } = await send(this.#settings, this.#tokens, call)
    if (answer.responseCode.startsWith('2')) return readStatus(answer)
    throw new RefusedError(answer, { externalId, money: 'unknown' })
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
