import { readPublicKey } from '@gerbang/snap/signature'
import { ValidationError } from './errors.ts'
import { acknowledge, type BindingNotification, type PaymentNotification } from './notification.ts'
import { NotificationError } from './notification-error.ts'
import type { NotificationRequest } from './notification-request.ts'
import { targetOf } from './notification-request.ts'
import { verifyNotification } from './notification-signature.ts'
import { notificationTokens, type TokenKeys } from './notification-tokens.ts'

export interface ReceiverOptions extends TokenKeys {
  /** Called with what became of a payment. When it throws, the gateway is told to deliver again. */
  readonly onPayment: (notification: PaymentNotification) => unknown
  /** Called with what became of a binding; without it such news is only acknowledged. */
  readonly onBinding?: (notification: BindingNotification) => unknown
  /**
   * Whether this `id` was acted upon before: true acknowledges without a call. It must not remember the id itself;
   * do that where you act, in one transaction with it.
   */
  readonly seen?: (id: string) => boolean | Promise<boolean>
  /** What a proxy cuts off the path before your program sees it: `/shop`. */
  readonly publicPrefix?: string
}

/** What to answer. */
export interface ReceiverReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON. */
  readonly body: string
}

export interface NotificationReceiver {
  /** Answers the token endpoint. */
  readonly token: (request: Pick<NotificationRequest, 'headers'>) => ReceiverReply
  /** Answers a notification. Rejects with what a callback threw, and with RawBodyError. */
  readonly notify: (request: NotificationRequest) => Promise<ReceiverReply>
}

/**
 * The two endpoints that a gateway calls, for any framework: bytes and headers in, status and body out.
 * @throws ValidationError when an option is missing; Error when the gateway's key is none.
 */
export function notificationReceiver(options: ReceiverOptions): NotificationReceiver {
  const keys = checkOptions(options)
  const tokens = notificationTokens(keys)
  return {
    token: (request) => answered(() => tokens.answer(request)),
    notify: async (request) => {
      const url = `${options.publicPrefix ?? ''}${targetOf(request.url)}`
      const verified = attempt(() => verifyNotification({ ...request, url }, keys))
      if (verified instanceof NotificationError) return refusal(verified)
      if (!(await options.seen?.(verified.id))) {
        await (verified.type === 'payment' ? options.onPayment(verified) : options.onBinding?.(verified))
      }
      return reply(200, acknowledge(verified))
    },
  }
}

function checkOptions(options: ReceiverOptions): TokenKeys {
  for (const field of ['clientId', 'clientSecret', 'gatewayPublicKey', 'onPayment'] as const) {
    if (!options[field]) throw new ValidationError(field, 'must be given.')
  }
  const { gatewayPublicKey: key } = options
  // Reading the text once spares every request the work, and a wrong key is known at the start.
  return { ...options, gatewayPublicKey: typeof key === 'string' ? readPublicKey(key) : key }
}

function answered(act: () => { headers: Readonly<Record<string, string>>; body: object }): ReceiverReply {
  const result = attempt(act)
  return result instanceof NotificationError ? refusal(result) : reply(200, result.body, result.headers)
}

function attempt<Value>(act: () => Value): Value | NotificationError {
  try {
    return act()
  } catch (error) {
    if (error instanceof NotificationError) return error
    throw error
  }
}

function refusal({ httpStatus, responseCode, responseMessage }: NotificationError): ReceiverReply {
  return reply(httpStatus, { responseCode, responseMessage })
}

function reply(status: number, body: object, headers: Readonly<Record<string, string>> = {}): ReceiverReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}
