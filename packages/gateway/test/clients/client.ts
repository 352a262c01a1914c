import type { Json } from './write-json.ts'

/** The operations of DOKU's client libraries, in their own words. */
export const CALLS = {
  account_binding: '/direct-debit/core/v1/registration-account-binding',
  account_unbinding: '/direct-debit/core/v1/registration-account-unbinding',
  card_registration: '/direct-debit/core/v1/registration-card-bind',
  card_unbinding: '/direct-debit/core/v1/registration-card-unbind',
  payment: '/direct-debit/core/v1/debit/payment-host-to-host',
  payment_jump_app: '/direct-debit/core/v1/debit/payment-host-to-host',
  balance_inquiry: '/direct-debit/core/v1/balance-inquiry',
  refund: '/direct-debit/core/v1/debit/refund',
  check_status: '/orders/v1.0/debit/status',
} as const

export const TOKENS = {
  token_b2b: '/authorization/v1/access-token/b2b',
  token_b2b2c: '/authorization/v1/access-token/b2b2c',
} as const

export type Call = keyof typeof CALLS
export type TokenCall = keyof typeof TOKENS

/** Header lines in the spelling and order in which they go out. */
export type HeaderLines = readonly (readonly [name: string, value: string])[]

export interface TokenParts {
  readonly clientId: string
  readonly timestamp: string
  readonly signature: string
}

export interface CallParts {
  readonly partnerId: string
  readonly externalId: string
  readonly timestamp: string
  readonly signature: string
  readonly token: string
  /** Null where the library has dropped its token and asks all the same. */
  readonly customerToken: string | null
  readonly ipAddress: string
  readonly deviceId: string
  /** `additionalInfo.channel` of the request. */
  readonly channel: string
}

/** What of a library can be seen on the wire. */
export interface Client {
  readonly name: 'node' | 'php' | 'go' | 'java' | 'python'
  /** `additionalInfo.origin` of every call. */
  readonly origin: Json
  /** A body as it is on the wire. */
  sends(document: Json, call: Call | TokenCall): string
  /** The text that it hashes for what it sends. */
  signs(sent: string): string
  /** The text that it hashes for what it is told, which need not be what came. */
  hears(told: string): string
  /** X-TIMESTAMP for epoch milliseconds. */
  timestamp(at: number, call: Call | TokenCall): string
  /** X-EXTERNAL-ID for epoch milliseconds. */
  externalId(at: number): string
  tokenHeaders(parts: TokenParts): HeaderLines
  headers(call: Call, parts: CallParts): HeaderLines
  tokenBody: Json
  customerTokenBody(authCode: string): Json
}

/** Which calls carry a header, as a table of what was observed. */
export type On = readonly Call[]

export const WITH_CUSTOMER: On = ['payment', 'balance_inquiry', 'refund']

/** A line where the call is in the table. */
export function onlyOn(calls: On, call: Call, name: string, value: string): HeaderLines {
  return calls.includes(call) ? [[name, value]] : []
}

/** Channels that keep nothing have no customer's token to send. */
export function isJumpApp(channel: string): boolean {
  return channel === 'EMONEY_DANA_SNAP' || channel === 'EMONEY_SHOPEE_PAY_SNAP'
}

export function seconds(at: number): string {
  return String(Math.floor(at / 1000))
}

/** `YYYY-MM-DDThh:mm:ss` of a place so many minutes east of Greenwich. */
export function wallClock(at: number, eastMinutes: number): string {
  return new Date(at + eastMinutes * 60_000).toISOString().slice(0, 19)
}
