import { formatTimestamp } from '@gerbang/snap/timestamp'
import type { WalletChannel } from './channels.ts'
import { checkReference, present, toAmount } from './field-rules.ts'
import { deviceHeaders } from './headers.ts'
import type { Operation } from './operation.ts'
import { PAYMENT_PATH, type Payment, readPayment } from './payment.ts'

/** A payment that the customer confirms in the wallet's own application. */
export interface WalletOrder {
  readonly channel: WalletChannel
  /** Your number of the order, 1 to 64 characters. */
  readonly partnerReferenceNo: string
  /** Rupiah with two decimals ("10000.00"), or a bigint of minor units (1000000n). */
  readonly amount: string | bigint
  /** Where the wallet sends the customer afterwards. */
  readonly returnUrl: string
  /** The return URL opens an application and no browser. */
  readonly isDeepLink?: boolean
  /** Where the customer is: `app`, `pc` or `mweb`, which is the default. */
  readonly pointOfInitiation?: 'app' | 'pc' | 'mweb'
  /** Until when the customer may confirm, in epoch milliseconds. */
  readonly validUpTo?: number
  readonly orderTitle?: string
  /** The customer's, where the channel asks for it. */
  readonly deviceId?: string
  readonly ipAddress?: string
  /** Sent as it stands; wins over the members above. */
  readonly additionalInfo?: Readonly<Record<string, unknown>>
  readonly externalId?: string
}

/** @throws ValidationError that names the field, never its value. */
export function walletPayment(order: WalletOrder): Operation<Payment> {
  const { channel, amount, returnUrl, isDeepLink = false, pointOfInitiation = 'mweb', validUpTo } = order
  const partnerReferenceNo = checkReference('partnerReferenceNo', order.partnerReferenceNo)
  return {
    path: PAYMENT_PATH,
    subject: 'debit',
    headers: deviceHeaders({ deviceId: order.deviceId, ipAddress: order.ipAddress }),
    externalId: order.externalId,
    body: {
      partnerReferenceNo,
      amount: toAmount('amount', amount),
      pointOfInitiation,
      urlParam: [{ url: returnUrl, type: 'PAY_RETURN', isDeepLink: isDeepLink ? 'Y' : 'N' }],
      ...present({ validUpTo: validUpTo === undefined ? undefined : formatTimestamp(validUpTo) }),
      additionalInfo: { channel, ...present({ orderTitle: order.orderTitle }), ...order.additionalInfo },
    },
    read: (answer, externalId) => readPayment(answer, partnerReferenceNo, externalId),
  }
}
