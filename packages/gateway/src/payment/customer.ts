import { bearerToken, type HeaderValues, headerValue, type Operation, SnapError } from '@gerbang/snap'
import type { Customer } from '../auth/authenticate.ts'
import type { ChannelProfile } from '../channels/profile.ts'

/** Whose token came with a request. */
export interface Visitor {
  readonly customer?: Customer | undefined
  /** Who has left since: only where an operation asks for it. */
  readonly formerCustomer?: Customer | undefined
  readonly headers: HeaderValues
}

/** The customer of a request. Throws SnapError `customerTokenNotFound`, or `invalidCustomerToken` for what is no token of ours. */
export function expectCustomer({ customer, headers }: Visitor): Customer {
  if (customer !== undefined) return customer
  const given = bearerToken(headerValue(headers, 'Authorization-Customer'))
  throw new SnapError(given === undefined ? 'customerTokenNotFound' : 'invalidCustomerToken')
}

/**
 * Throws what `expectCustomer` throws where the channel wants the customer's token for that operation, and SnapError
 * `inconsistentRequest` when it is not the customer whose account was charged.
 */
export function refuseOtherCustomer(
  { customerToken }: ChannelProfile,
  operation: Operation,
  visitor: Visitor,
  payment: { readonly bankCardToken: string | undefined },
): void {
  if (!customerToken.includes(operation)) return
  const { bankCardToken } = expectCustomer(visitor)
  if (bankCardToken !== payment.bankCardToken) throw new SnapError('inconsistentRequest')
}
