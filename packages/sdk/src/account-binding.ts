import { objectMember, textMember } from './answers.ts'
import type { AccountChannel } from './channels.ts'
import { checkReference, demand, present } from './field-rules.ts'
import { deviceHeaders } from './headers.ts'
import { conceal, type Operation, type Replied, replied } from './operation.ts'

const PATH = '/direct-debit/core/v1/registration-account-binding'

export interface AccountBindOrder {
  readonly channel: AccountChannel
  /** The number under which the bank or wallet knows the customer: 628… or 08…. */
  readonly phoneNo: string
  /** Your number of the customer, 1 to 64 characters. */
  readonly custIdMerchant: string
  /** Where the page sends the customer afterwards. */
  readonly successUrl: string
  readonly failedUrl: string
  readonly customerName?: string
  readonly email?: string
  /** Of the customer's device, where the channel asks for it. */
  readonly device?: {
    readonly deviceId?: string
    readonly deviceModel?: string
    readonly osType?: 'ios' | 'android'
    readonly channelId?: 'app' | 'web'
  }
  /** The customer's, where the channel asks for it. */
  readonly ipAddress?: string
  /** Sent as it stands; wins over the members above. */
  readonly additionalInfo?: Readonly<Record<string, unknown>>
  readonly externalId?: string
}

export interface AccountBinding extends Replied {
  /** An account is never kept before its holder has confirmed it on the page. */
  readonly status: 'pending'
  readonly referenceNo: string | undefined
  /** Send the customer there. */
  readonly redirectUrl: string | undefined
  /** The key of `customerToken()` once the account is kept. */
  readonly authCode: string | undefined
}

/** @throws ValidationError that names the field, never its value. */
export function accountBinding(order: AccountBindOrder): Operation<AccountBinding> {
  const { channel, phoneNo, successUrl, failedUrl, device = {} } = order
  demand(/^\+?\d{9,16}$/.test(phoneNo), 'phoneNo', 'must be a number such as 6281234567890 or 081234567890.')
  const custIdMerchant = checkReference('custIdMerchant', order.custIdMerchant)
  const { deviceId, ...more } = device
  return {
    path: PATH,
    subject: 'account',
    headers: deviceHeaders({ deviceId, ipAddress: order.ipAddress }),
    externalId: order.externalId,
    body: {
      phoneNo,
      additionalInfo: {
        channel,
        custIdMerchant,
        successRegistrationUrl: successUrl,
        failedRegistrationUrl: failedUrl,
        ...present({ customerName: order.customerName, email: order.email, ...more }),
        ...order.additionalInfo,
      },
    },
    read: (answer, externalId) =>
      conceal({
        status: 'pending',
        referenceNo: textMember(answer.body, 'referenceNo'),
        redirectUrl: textMember(answer.body, 'redirectUrl'),
        authCode: textMember(objectMember(answer.body, 'additionalInfo'), 'authCode'),
        ...replied(answer, externalId),
      }),
  }
}
