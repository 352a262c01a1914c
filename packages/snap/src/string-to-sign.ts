import { hash } from 'node:crypto'

/** The signed text of a token request: both header values, byte for byte. */
export function tokenStringToSign(clientKey: string, timestamp: string): string {
  return `${clientKey}|${timestamp}`
}

export interface AsymmetricParts {
  readonly method: string
  /** Path and query as requested, without host, not re-encoded. */
  readonly target: string
  /** `hashBody` of the body's signed form. */
  readonly bodyHash: string
  /** The header's value byte for byte, never re-formatted. */
  readonly timestamp: string
}

export interface SymmetricParts extends AsymmetricParts {
  /** The B2B token without `Bearer `. */
  readonly accessToken: string
}

/** The signed text of a transaction under HMAC. */
export function symmetricStringToSign(parts: SymmetricParts): string {
  const { method, target, accessToken, bodyHash, timestamp } = parts
  return `${method.toUpperCase()}:${target}:${accessToken}:${bodyHash}:${timestamp}`
}

/** The signed text of a transaction or notification under RSA: as above, without the token. */
export function asymmetricStringToSign({ method, target, bodyHash, timestamp }: AsymmetricParts): string {
  return `${method.toUpperCase()}:${target}:${bodyHash}:${timestamp}`
}

/** SHA-256 in lower-case hex. An absent body is the empty one. */
export function hashBody(bytes: Uint8Array | string): string {
  return hash('sha256', bytes, 'hex')
}
