import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { type HeaderValues, readTokenHeaders } from '@gerbang/snap/headers'
import { verifyAsymmetric } from '@gerbang/snap/signature'
import { tokenStringToSign } from '@gerbang/snap/string-to-sign'
import { formatTimestamp } from '@gerbang/snap/timestamp'
import { ValidationError } from './errors.ts'
import { NotificationError } from './notification-error.ts'
import { isTimely, type NotificationKeys, nowOf } from './notification-keys.ts'
import { lowerCased, type NotificationRequest } from './notification-request.ts'

const LIFETIME_S = 900
const TOKEN = /^([0-9a-z]{1,11})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})$/
/** Keeps these tokens apart from everything else that the client secret signs. */
const PURPOSE = 'gerbang notification token 1'

/** What the token endpoint answers, with HTTP 200. */
export interface TokenReply {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, string | number>>
}

export type TokenKeys = NotificationKeys & Required<Pick<NotificationKeys, 'gatewayPublicKey'>>

export interface NotificationTokens {
  /** The answer to a request that bears the gateway's signature. @throws NotificationError */
  readonly answer: (request: Pick<NotificationRequest, 'headers'>) => TokenReply
  /** Whether this is a token of yours that has not ended. */
  readonly accepts: (token: string) => boolean
}

/**
 * The core of your token endpoint, which the gateway asks before it notifies. Nothing is stored: a token carries its end
 * and a MAC under a key derived from the client secret, so every process of yours that has the secret accepts it.
 */
export function notificationTokens(keys: TokenKeys): NotificationTokens {
  return {
    answer: ({ headers }) => answer(lowerCased(headers), keys),
    accepts: (token) => acceptsToken(keys, token),
  }
}

function answer(headers: HeaderValues, keys: TokenKeys): TokenReply {
  const read = readTokenHeaders(headers)
  if ('outcome' in read) throw refused(read.outcome, read.detail)
  const { clientKey, timestamp, signature } = read
  if (keys.gatewayPublicKey === undefined) throw new ValidationError('gatewayPublicKey', 'must be given.')
  if (clientKey !== keys.clientId) throw refused('unauthorized', 'Unknown Client')
  if (!isTimely(keys, timestamp)) throw refused('unauthorized', 'X-TIMESTAMP is too far from now')
  if (!verifyAsymmetric(keys.gatewayPublicKey, tokenStringToSign(clientKey, timestamp), signature)) {
    throw refused('unauthorized', 'Invalid Signature')
  }
  return {
    headers: { 'x-client-key': keys.clientId, 'x-timestamp': formatTimestamp(nowOf(keys)) },
    body: {
      responseCode: '2007300',
      responseMessage: 'Successful',
      accessToken: issueToken(keys),
      tokenType: 'Bearer',
      expiresIn: LIFETIME_S,
      additionalInfo: '',
    },
  }
}

export function issueToken(keys: NotificationKeys): string {
  const end = Math.floor(nowOf(keys) / 1000) + LIFETIME_S
  const text = `${end.toString(36)}.${randomBytes(12).toString('base64url')}`
  return `${text}.${mac(keys, text).toString('base64url')}`
}

/** Whether this is a token of ours that has not ended. Compares in constant time. */
export function acceptsToken(keys: NotificationKeys, token: string): boolean {
  const [, end = '', nonce = '', given = ''] = TOKEN.exec(token) ?? []
  const expected = mac(keys, `${end}.${nonce}`)
  const bytes = Buffer.from(given, 'base64url')
  const isOurs = bytes.length === expected.length && timingSafeEqual(bytes, expected)
  return isOurs && nowOf(keys) < Number.parseInt(end, 36) * 1000
}

function mac({ clientId, clientSecret }: NotificationKeys, text: string): Buffer {
  const key = Buffer.from(hkdfSync('sha256', clientSecret, '', PURPOSE, 32))
  return createHmac('sha256', key).update(`${clientId}|${text}`).digest()
}

function refused(
  outcome: ConstructorParameters<typeof NotificationError>[1],
  detail: string,
): NotificationError {
  return new NotificationError('access-token-b2b', outcome, detail)
}
