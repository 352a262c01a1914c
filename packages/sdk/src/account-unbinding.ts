import { textMember } from './answers.ts'
import type { AccountChannel } from './channels.ts'
import { checkToken, demand } from './field-rules.ts'
import { deviceHeaders } from './headers.ts'
import { isDone, type Operation, type Replied, replied } from './operation.ts'

const PATH = '/direct-debit/core/v1/registration-account-unbinding'
const VERIFICATION_PATH = '/direct-debit/core/v1/otp-verification'

export interface AccountUnbindOrder {
  readonly channel: AccountChannel
  /** Of `customerToken()`; it may have expired. */
  readonly customerToken: string
  /** `host-to-host`: you can ask the customer for a code, and a bank that wants one sends it. The default asks nobody. */
  readonly flow?: 'page' | 'host-to-host'
  /** The customer's, where the channel asks for it. */
  readonly ipAddress?: string
  readonly externalId?: string
}

export interface AccountUnbinding extends Replied {
  /**
   * `unbound`: the bank or wallet has forgotten it. `pending`: it will; with the flow `host-to-host` once the customer's code has come
   * by `confirmUnbinding()`, and until then everything is as before.
   */
  readonly status: 'unbound' | 'pending'
  readonly referenceNo: string | undefined
}

/** @throws ValidationError that names the field, never its value. */
export function accountUnbinding(order: AccountUnbindOrder): Operation<AccountUnbinding> {
  const { channel, customerToken, ipAddress, flow = 'page' } = order
  demand(flow === 'page' || flow === 'host-to-host', 'flow', 'must be "page" or "host-to-host".')
  return {
    path: PATH,
    subject: 'account',
    headers: { ...deviceHeaders({ ipAddress }), ...(flow === 'page' ? {} : { 'x-channel-id': 'H2H' }) },
    externalId: order.externalId,
    body: { tokenId: checkToken('customerToken', customerToken), additionalInfo: { channel } },
    read: (answer, externalId) => ({
      status: isDone(answer) ? 'unbound' : 'pending',
      referenceNo: textMember(answer.body, 'referenceNo'),
      ...replied(answer, externalId),
    }),
  }
}

/** The code that the customer gave you for an unbinding with the flow `host-to-host`. */
export interface UnbindingConfirmOrder {
  readonly channel: AccountChannel
  /** Of `customerToken()`; it may have expired. */
  readonly customerToken: string
  readonly otp: string
  readonly externalId?: string
}

export interface UnbindingConfirmation extends Replied {
  /** `unbound`: the bank or wallet has forgotten the account. `pending`: whether it has is not known yet. */
  readonly status: 'unbound' | 'pending'
  readonly originalReferenceNo: string | undefined
}

/** @throws ValidationError that names the field, never its value. */
export function unbindingConfirmation(order: UnbindingConfirmOrder): Operation<UnbindingConfirmation> {
  const { channel, customerToken, otp } = order
  demand(/^\d{4,8}$/.test(otp), 'otp', 'must be 4 to 8 digits.')
  return {
    path: VERIFICATION_PATH,
    subject: 'account',
    externalId: order.externalId,
    body: {
      otp,
      action: 'otpUnbinding',
      additionalInfo: { channel, bankCardToken: checkToken('customerToken', customerToken) },
    },
    read: (answer, externalId) => ({
      status: isDone(answer) ? 'unbound' : 'pending',
      originalReferenceNo: textMember(answer.body, 'originalReferenceNo'),
      ...replied(answer, externalId),
    }),
  }
}
