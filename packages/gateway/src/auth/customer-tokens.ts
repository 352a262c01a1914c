import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../clock.ts'
import type { Secret } from '../secret.ts'

/** A kept card of a partner, under the name that tokens give it. */
export interface Account {
  readonly clientId: string
  /** 32 hex digits. */
  readonly accountId: string
}

export interface IssuedTokens {
  readonly accessToken: string
  readonly refreshToken: string
  /** Epoch milliseconds, whole seconds. */
  readonly accessExpiresAt: number
  readonly refreshExpiresAt: number
}

/** What a token of ours says, also one that has expired. */
export interface ReadToken {
  readonly kind: 'access' | 'refresh'
  readonly clientId: string
  /** Absent in the token of a partner, which names no card. */
  readonly accountId: string | undefined
  readonly isExpired: boolean
}

export interface CustomerTokens {
  issue(account: Account): Promise<IssuedTokens>
  /**
   * The access token of the account that ends then, in epoch milliseconds: to the letter the one that was issued with that end, as long
   * as key and issuer are what they were.
   */
  accessToken(account: Account, expiresAt: number): Promise<string>
  /** Undefined for whatever we did not issue. Says nothing on whether the card is still kept: only the database knows. */
  read(token: string): Promise<ReadToken | undefined>
}

export interface CustomerTokenOptions {
  /** The RSA key of all access tokens. */
  readonly signingKey: Secret
  /** 32 bytes that sign refresh tokens: only this gateway reads them. */
  readonly refreshKey: Buffer
  readonly issuer: string
  readonly accessSeconds: number
  readonly refreshSeconds: number
  readonly leewaySeconds: number
  readonly clock: Clock
}

/** The same claims give the same signature: `accessToken` stands on that. */
const ACCESS_ALGORITHM = 'RS256'
/** A key and an algorithm of its own: a refresh token passes nowhere for an access token, nor the other way round. */
const REFRESH_ALGORITHM = 'HS256'
const ACCOUNT_ID = /^[0-9a-f]{32}$/

/** Customers' tokens of decision 11: stateless, each is worth something only as long as its card is kept. */
export function openCustomerTokens(options: CustomerTokenOptions): CustomerTokens {
  const { issuer, clock, leewaySeconds } = options
  const privateKey = createPrivateKey(options.signingKey.reveal())
  const publicKey = createPublicKey(privateKey)
  const refreshKey = createSecretKey(options.refreshKey)

  const sign = (account: Account, exp: number) => {
    const { clientId, accountId } = account
    return new SignJWT({ exp, iss: issuer, clientId, accountId })
  }
  const toRead = (kind: ReadToken['kind'], { exp = 0, clientId, accountId }: JWTPayload) => {
    if (typeof clientId !== 'string') return undefined
    const isExpired = (exp + leewaySeconds) * 1000 <= clock.now()
    const isAccount = typeof accountId === 'string' && ACCOUNT_ID.test(accountId)
    return { kind, clientId, accountId: isAccount ? accountId : undefined, isExpired }
  }

  const accessToken = (account: Account, exp: number) =>
    sign(account, exp).setProtectedHeader({ alg: ACCESS_ALGORITHM }).sign(privateKey)

  return {
    accessToken: (account, expiresAt) => accessToken(account, Math.floor(expiresAt / 1000)),
    async issue(account) {
      const now = Math.floor(clock.now() / 1000)
      const [access, refresh] = [now + options.accessSeconds, now + options.refreshSeconds]
      return {
        accessToken: await accessToken(account, access),
        refreshToken: await sign(account, refresh)
          .setProtectedHeader({ alg: REFRESH_ALGORITHM })
          .sign(refreshKey),
        accessExpiresAt: access * 1000,
        refreshExpiresAt: refresh * 1000,
      }
    },
    async read(token) {
      const access = await signedClaims(token, { key: publicKey, algorithm: ACCESS_ALGORITHM, issuer })
      if (access !== undefined) return toRead('access', access)
      const refresh = await signedClaims(token, { key: refreshKey, algorithm: REFRESH_ALGORITHM, issuer })
      return refresh && toRead('refresh', refresh)
    },
  }
}

interface Signer {
  readonly key: KeyObject
  readonly algorithm: string
  readonly issuer: string
}

/** What stands in a token that this signer has signed, whenever that was. */
async function signedClaims(
  token: string,
  { key, algorithm, issuer }: Signer,
): Promise<JWTPayload | undefined> {
  const verified = await jwtVerify(token, key, {
    issuer,
    algorithms: [algorithm],
    // Whoever reads the token looks at its expiry: some ask about tokens that have expired.
    currentDate: new Date(0),
    requiredClaims: ['exp'],
  }).catch((error: unknown) => {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  })
  return verified?.payload
}
