import { formatTimestamp, headerValue } from '@gerbang/snap'
import { maskCardNumbers } from '../secret.ts'
import type { Charge } from './charge.ts'
import type { PaymentRequest, Visiting } from './payment.ts'

/** What a partner sent with a payment and wants to be told again when it is settled. Every member may be absent. */
export interface Particulars {
  readonly custIdMerchant?: string
  /** Under which its code is asked for and given; not kept where no customer gives one. See `journeyText`. */
  readonly journeyId?: string
  readonly lineItems?: readonly object[]
  readonly deviceId?: string
  readonly ipAddress?: string
  /** Where the partner wants to hear of this payment, instead of at its usual address. */
  readonly notificationUrl?: string
  /** How its customer is met. */
  readonly visiting?: Visiting & {
    /** ISO 8601. */
    readonly confirmBy: string
  }
}

/** The particulars of a request as JSON, or null when it has none. A card number in a free text is masked. */
export function particularsOf(
  { body, headers }: PaymentRequest,
  { visiting, confirmBy }: Pick<Charge, 'visiting' | 'confirmBy'>,
): string | null {
  const info = body.additionalInfo ?? {}
  const particulars: { readonly [Name in keyof Particulars]: Particulars[Name] | undefined } = {
    custIdMerchant: info.custIdMerchant ?? info.customer?.customerId,
    journeyId: visiting && body.journeyId,
    lineItems: info.lineItems?.length === 0 ? undefined : info.lineItems,
    deviceId: headerValue(headers, 'X-DEVICE-ID') ?? info.deviceId,
    ipAddress: headerValue(headers, 'X-IP-ADDRESS'),
    notificationUrl: info.override_notification_url ?? info.overrideNotificationUrl,
    visiting: visiting && { ...visiting, confirmBy: formatTimestamp(confirmBy) },
  }
  const text = JSON.stringify(particulars, withoutCardNumber)
  return text === '{}' ? null : maskCardNumbers(text)
}

/** A journey as it stands in the particulars. */
export function journeyText(journeyId: string): string {
  return maskCardNumbers(journeyId)
}

/** A number that is masked is none any more: as a text it leaves the JSON whole. */
function withoutCardNumber(_name: string, value: unknown): unknown {
  if (typeof value !== 'number') return value
  const masked = maskCardNumbers(String(value))
  return masked === String(value) ? value : masked
}
