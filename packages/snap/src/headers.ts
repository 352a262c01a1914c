import { parseTimestamp } from './timestamp.ts'

export interface HeaderRule {
  readonly name: string
  /** On which requests its absence is a fault. `Authorization` has an answer of its own and is on none. */
  readonly requiredOn: 'token' | 'transaction' | 'both' | 'none'
  readonly accepts: (value: string) => boolean
}

const PARTNER_ID = /^[A-Za-z0-9._-]{1,64}$/
const EXTERNAL_ID = /^[ -~]{1,64}$/
const SIGNATURE = /^[!-~]{1,1024}$/
const DEVICE_ID = /^[ -~]{1,400}$/
const PRINTABLE = /^[ -~]{1,4096}$/

const matches = (pattern: RegExp) => (value: string) => pattern.test(value)
const isTimestamp = (value: string) => parseTimestamp(value) !== undefined

/** SNAP's request headers, in the order in which a fault is looked for. */
export const HEADERS = [
  { name: 'X-CLIENT-KEY', requiredOn: 'token', accepts: matches(PARTNER_ID) },
  { name: 'X-PARTNER-ID', requiredOn: 'transaction', accepts: matches(PARTNER_ID) },
  { name: 'X-TIMESTAMP', requiredOn: 'both', accepts: isTimestamp },
  { name: 'X-SIGNATURE', requiredOn: 'both', accepts: matches(SIGNATURE) },
  { name: 'X-EXTERNAL-ID', requiredOn: 'transaction', accepts: matches(EXTERNAL_ID) },
  { name: 'Authorization', requiredOn: 'none', accepts: matches(PRINTABLE) },
  { name: 'Authorization-Customer', requiredOn: 'none', accepts: matches(PRINTABLE) },
  { name: 'CHANNEL-ID', requiredOn: 'none', accepts: () => true },
  { name: 'X-CHANNEL-ID', requiredOn: 'none', accepts: () => true },
  { name: 'X-IP-ADDRESS', requiredOn: 'none', accepts: () => true },
  { name: 'X-DEVICE-ID', requiredOn: 'none', accepts: matches(DEVICE_ID) },
] as const satisfies readonly HeaderRule[]

type HeaderRow = (typeof HEADERS)[number]

export type HeaderName = HeaderRow['name']

/** Headers as Node gives them, names in lower case. */
export type HeaderValues = Readonly<Record<string, string | string[] | undefined>>

export interface HeaderFault {
  readonly outcome: 'invalidMandatoryField' | 'invalidFieldFormat'
  /** The header's name, the detail of the answer. */
  readonly detail: HeaderName
}

export interface TransactionHeaders {
  readonly partnerId: string
  readonly externalId: string
  /** Byte for byte, as it was signed. */
  readonly timestamp: string
  /** The same in milliseconds since 1970. */
  readonly timestampMs: number
  readonly signature: string
}

export interface TokenHeaders {
  readonly clientKey: string
  readonly timestamp: string
  readonly timestampMs: number
  readonly signature: string
}

/**
 * The mandatory headers of a transaction, and those that its operation wants besides, or the first fault: any missing one
 * before any malformed one. `Authorization` is not looked at, for its absence is answered later and otherwise.
 */
export function readTransactionHeaders(
  headers: HeaderValues,
  besides: readonly HeaderName[] = [],
): TransactionHeaders | HeaderFault {
  const fault = findFault(headers, 'transaction', besides)
  if (fault) return fault
  return {
    partnerId: headerValue(headers, 'X-PARTNER-ID') ?? '',
    externalId: headerValue(headers, 'X-EXTERNAL-ID') ?? '',
    ...readSigned(headers),
  }
}

/** The same for a token request. */
export function readTokenHeaders(headers: HeaderValues): TokenHeaders | HeaderFault {
  const fault = findFault(headers, 'token')
  if (fault) return fault
  return { clientKey: headerValue(headers, 'X-CLIENT-KEY') ?? '', ...readSigned(headers) }
}

/** As Node spells them. */
const KEYS = Object.fromEntries(HEADERS.map(({ name }) => [name, name.toLowerCase()])) as Record<
  HeaderName,
  string
>

/** A header's value; an empty one is absent, because client libraries send headers that they have nothing for. */
export function headerValue(headers: HeaderValues, name: HeaderName): string | undefined {
  const value = headers[KEYS[name]]
  const text = Array.isArray(value) ? value.join(', ') : value
  return text?.trim() || undefined
}

/** The token of an `Authorization` value, with or without `Bearer ` in any case. */
export function bearerToken(value: string | undefined): string | undefined {
  return value?.trim().replace(/^bearer(?:\s+|$)/i, '') || undefined
}

function readSigned(headers: HeaderValues): Pick<TokenHeaders, 'timestamp' | 'timestampMs' | 'signature'> {
  const timestamp = headerValue(headers, 'X-TIMESTAMP') ?? ''
  return {
    timestamp,
    timestampMs: parseTimestamp(timestamp) ?? Number.NaN,
    signature: headerValue(headers, 'X-SIGNATURE') ?? '',
  }
}

const requiredOn = (kind: 'token' | 'transaction'): readonly HeaderRow[] =>
  HEADERS.filter((row) => row.requiredOn === kind || row.requiredOn === 'both')

const REQUIRED = { token: requiredOn('token'), transaction: requiredOn('transaction') }

function findFault(
  headers: HeaderValues,
  on: 'token' | 'transaction',
  besides: readonly HeaderName[] = [],
): HeaderFault | undefined {
  const required =
    besides.length === 0
      ? REQUIRED[on]
      : [...REQUIRED[on], ...HEADERS.filter(({ name }) => besides.includes(name))]
  const missing = required.find(({ name }) => headerValue(headers, name) === undefined)
  if (missing) return { outcome: 'invalidMandatoryField', detail: missing.name }
  const malformed = required.find(({ name, accepts }) => !accepts(headerValue(headers, name) ?? ''))
  return malformed && { outcome: 'invalidFieldFormat', detail: malformed.name }
}
