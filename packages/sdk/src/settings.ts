import { createPrivateKey, type KeyObject } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { ValidationError } from './errors.ts'
import { newExternalId } from './external-id.ts'

export interface SnapClientOptions {
  /** Scheme and host of the gateway, with a path prefix when it has one: `http://127.0.0.1:4010`. */
  readonly baseUrl: string
  /** X-PARTNER-ID and X-CLIENT-KEY. */
  readonly clientId: string
  readonly clientSecret: string
  /** RSA private key: PEM text or a KeyObject. */
  readonly privateKey: string | KeyObject
  /** Replaces the built-in fetch. */
  readonly fetch?: typeof fetch
  /** Milliseconds since 1970; default: the system's clock. */
  readonly clock?: () => number
  readonly newExternalId?: () => string
  /** Time for one attempt, 30 seconds by default; the gateway itself waits up to 25 for the network. */
  readonly timeoutMs?: number
  /** Attempts after the first, 2 by default. Only silence, 5xx and 429 are tried again. */
  readonly retries?: number
  /** How the pause between two attempts is made; replaced in tests. */
  readonly pause?: Pause
}

/** Resolves after so many milliseconds, or rejects when the signal says that nobody waits any more. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>

/** The options, checked and complete. */
export interface Settings {
  readonly baseUrl: URL
  readonly clientId: string
  readonly clientSecret: string
  readonly privateKey: KeyObject
  readonly fetch: typeof fetch
  readonly clock: () => number
  readonly newExternalId: () => string
  readonly timeoutMs: number
  readonly retries: number
  readonly pause: Pause
}

/** @throws ValidationError that names the option, never its value. */
export function settle(options: SnapClientOptions): Settings {
  return {
    baseUrl: checkBaseUrl(options.baseUrl),
    clientId: checkPlain('clientId', options.clientId),
    clientSecret: checkPlain('clientSecret', options.clientSecret),
    privateKey: checkPrivateKey(options.privateKey),
    fetch: options.fetch ?? fetch,
    clock: options.clock ?? Date.now,
    newExternalId: options.newExternalId ?? newExternalId,
    timeoutMs: checkWhole('timeoutMs', options.timeoutMs ?? 30_000, 1, 600_000),
    retries: checkWhole('retries', options.retries ?? 2, 0, 10),
    pause: options.pause ?? ((ms, signal) => setTimeout(ms, undefined, signal && { signal })),
  }
}

function checkBaseUrl(value: string): URL {
  if (!URL.canParse(value))
    throw new ValidationError('baseUrl', 'must be a URL such as http://127.0.0.1:4010.')
  const url = new URL(value)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new ValidationError('baseUrl', 'must begin with https:// or http://.')
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new ValidationError('baseUrl', 'must hold scheme, host and path only.')
  }
  return url
}

function checkPlain(field: string, value: string): string {
  if (typeof value !== 'string' || value === '') throw new ValidationError(field, 'must be given.')
  if (value.trim() !== value) {
    throw new ValidationError(field, 'begins or ends with white space (a line break from a file?); trim it.')
  }
  return value
}

function checkPrivateKey(value: string | KeyObject): KeyObject {
  const key = typeof value === 'string' ? parseKey(value) : value
  if (key?.type !== 'private' || key.asymmetricKeyType !== 'rsa') {
    throw new ValidationError('privateKey', 'must be an RSA private key in PEM form, without a passphrase.')
  }
  return key
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    // The parser's own message may quote the text, which is a secret.
    return undefined
  }
}

function checkWhole(field: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new ValidationError(field, `must be a whole number from ${min} to ${max}.`)
}
