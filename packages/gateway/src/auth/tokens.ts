import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../clock.ts'
import type { Secret } from '../secret.ts'

export interface Tokens {
  /** Seconds that a token lives. */
  readonly expiresIn: number
  readonly publicKey: KeyObject
  issue(clientId: string): Promise<string>
  /** Whose unexpired token of ours this is, or undefined. A customer's token is none: it is signed alike, and it names a card. */
  verify(token: string): Promise<string | undefined> | string | undefined
}

export interface TokenOptions {
  readonly signingKey: Secret
  readonly issuer: string
  readonly lifeSeconds: number
  readonly leewaySeconds: number
  readonly clock: Clock
  /** Verified tokens that are remembered, so that one token is verified once and not once a payment. */
  readonly remembered: number
}

const ALGORITHM = 'RS256'

interface Known {
  readonly clientId: string
  readonly until: number
}

/** Access tokens of decision 11: RS256, `{exp, iss, clientId}`, stateless, every unexpired one is valid. */
export function openTokens(options: TokenOptions): Tokens {
  const privateKey = createPrivateKey(options.signingKey.reveal())
  const publicKey = createPublicKey(privateKey)
  const known = new Map<string, Known>()

  async function check(token: string): Promise<string | undefined> {
    const claims = await read(token, publicKey, options)
    if (claims === undefined) return undefined
    if (known.size >= options.remembered) known.delete(known.keys().next().value ?? '')
    known.set(token, claims)
    return claims.clientId
  }

  return {
    expiresIn: options.lifeSeconds,
    publicKey,
    issue(clientId) {
      const exp = Math.floor(options.clock.now() / 1000) + options.lifeSeconds
      return new SignJWT({ exp, iss: options.issuer, clientId })
        .setProtectedHeader({ alg: ALGORITHM })
        .sign(privateKey)
    },
    verify(token) {
      const claims = known.get(token)
      if (claims === undefined) return check(token)
      return claims.until > options.clock.now() ? claims.clientId : undefined
    },
  }
}

async function read(token: string, publicKey: KeyObject, options: TokenOptions): Promise<Known | undefined> {
  const { issuer, leewaySeconds, clock } = options
  const verified = await jwtVerify(token, publicKey, {
    issuer,
    algorithms: [ALGORITHM],
    clockTolerance: leewaySeconds,
    currentDate: new Date(clock.now()),
    requiredClaims: ['exp'],
  }).catch((error: unknown) => {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  })
  const { exp, clientId, accountId } = verified?.payload ?? {}
  if (exp === undefined || typeof clientId !== 'string' || accountId !== undefined) return undefined
  return { clientId, until: (exp + leewaySeconds) * 1000 }
}
