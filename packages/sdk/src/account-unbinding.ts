import { textMember } from './answers.ts'
import type { AccountChannel } from './channels.ts'
import { checkToken } from './field-rules.ts'
import { deviceHeaders } from './headers.ts'
import { isDone, type Operation, type Replied, replied } from './operation.ts'

const PATH = '/direct-debit/core/v1/registration-account-unbinding'

export interface AccountUnbindOrder {
  readonly channel: AccountChannel
  /** Of `customerToken()`; it may have expired. */
  readonly customerToken: string
  /** The customer's, where the channel asks for it. */
  readonly ipAddress?: string
  readonly externalId?: string
}

export interface AccountUnbinding extends Replied {
  /** `unbound`: the bank or wallet has forgotten it. `pending`: it will; nobody pays with it from now on. */
  readonly status: 'unbound' | 'pending'
  readonly referenceNo: string | undefined
}

/** @throws ValidationError that names the field, never its value. */
export function accountUnbinding(order: AccountUnbindOrder): Operation<AccountUnbinding> {
  const { channel, customerToken, ipAddress } = order
  return {
    path: PATH,
    subject: 'account',
    headers: deviceHeaders({ ipAddress }),
    externalId: order.externalId,
    body: { tokenId: checkToken('customerToken', customerToken), additionalInfo: { channel } },
    read: (answer, externalId) => ({
      status: isDone(answer) ? 'unbound' : 'pending',
      referenceNo: textMember(answer.body, 'referenceNo'),
      ...replied(answer, externalId),
    }),
  }
}
