import { sign } from 'node:crypto'
import { type Answer, type Changes, type Merchant, now, send } from './merchant.ts'

export const CUSTOMER_TOKEN_PATH = '/authorization/v1/access-token/b2b2c'

export interface TokenQuestion extends Changes {
  readonly timestamp?: string
}

/** Asks for a customer's tokens as the specification says, with `node:crypto` alone. */
export function askCustomerToken(
  merchant: Merchant,
  body: object | string,
  { timestamp = now(), headers, baseUrl }: TokenQuestion = {},
): Promise<Answer> {
  const { partnerId, privateKey } = merchant.keys
  const signature = sign('sha256', Buffer.from(`${partnerId}|${timestamp}`), privateKey).toString('base64')
  const signed = { 'X-CLIENT-KEY': partnerId, 'X-TIMESTAMP': timestamp, 'X-SIGNATURE': signature }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return send(baseUrl ?? merchant.keys.baseUrl, CUSTOMER_TOKEN_PATH, { ...signed, ...headers }, text)
}

export function redeem(merchant: Merchant, authCode: string, question: TokenQuestion = {}): Promise<Answer> {
  return askCustomerToken(merchant, { grantType: 'authorization_code', authCode }, question)
}

export function refresh(
  merchant: Merchant,
  refreshToken: string,
  question: TokenQuestion = {},
): Promise<Answer> {
  return askCustomerToken(merchant, { grantType: 'refresh_token', refreshToken }, question)
}
