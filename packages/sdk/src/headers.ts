import { isIP } from 'node:net'
import { checkReference, checkToken, demand } from './field-rules.ts'

/** The header that names the customer, where a customer token is at hand. @throws ValidationError */
export function customerHeader(customerToken: string | undefined): Record<string, string> {
  if (customerToken === undefined) return {}
  return { 'authorization-customer': `Bearer ${checkToken('customerToken', customerToken)}` }
}

/** @throws ValidationError */
export function ipHeader(ipAddress: string): Record<string, string> {
  demand(isIP(ipAddress) !== 0, 'ipAddress', 'must be an IP address.')
  return { 'x-ip-address': ipAddress }
}

/** The headers by which a channel knows the customer's device. @throws ValidationError */
export function deviceHeaders(of: {
  readonly deviceId?: string | undefined
  readonly ipAddress?: string | undefined
}): Record<string, string> {
  const { deviceId, ipAddress } = of
  return {
    ...(deviceId !== undefined && { 'x-device-id': checkReference('deviceId', deviceId) }),
    ...(ipAddress !== undefined && ipHeader(ipAddress)),
  }
}
