import { bearerToken, type HeaderValues, headerValue, readTransactionHeaders } from '@gerbang/snap/headers'
import { findJsonFault } from '@gerbang/snap/json-fault'
import { bodyForms } from '@gerbang/snap/json-text'
import { verifyAsymmetric, verifySymmetric } from '@gerbang/snap/signature'
import { asymmetricStringToSign, hashBody } from '@gerbang/snap/string-to-sign'
import { objectMember, textMember } from './answers.ts'
import { ValidationError } from './errors.ts'
import { type Notification, readNotification } from './notification.ts'
import { NotificationError, RawBodyError } from './notification-error.ts'
import { isTimely, type NotificationKeys } from './notification-keys.ts'
import { lowerCased, type NotificationRequest, targetOf } from './notification-request.ts'
import { acceptsToken } from './notification-tokens.ts'

const BODY_MAX = 1024 * 1024

/**
 * The notification, if the gateway has signed it: with your client secret and a token that your token endpoint issued,
 * or with its private key.
 * @throws NotificationError, which says what to answer; RawBodyError when `rawBody` is no bytes any more.
 */
export function verifyNotification(request: NotificationRequest, keys: NotificationKeys): Notification {
  const body = bytesOf(request.rawBody)
  const headers = lowerCased(request.headers)
  const read = readTransactionHeaders(headers)
  if ('outcome' in read) throw refused(read.outcome, read.detail)
  if (read.partnerId !== keys.clientId) throw refused('unauthorized', 'Unknown Client')
  if (!isTimely(keys, read.timestamp)) throw refused('unauthorized', 'X-TIMESTAMP is too far from now')
  const { timestamp, signature } = read
  const signed = { method: request.method, target: targetOf(request.url), timestamp, signature, body }
  const mode = modeOf(headers, keys)
  if (mode === 'symmetric') checkSymmetric(signed, headers, keys)
  else checkAsymmetric(signed, keys)
  const members = JSON.parse(body.toString())
  if (mode === 'asymmetric') checkAddressee(members, keys)
  return readNotification(members, bearerToken(headerValue(headers, 'Authorization-Customer')))
}

interface Signed {
  readonly method: string
  readonly target: string
  readonly timestamp: string
  readonly signature: string
  readonly body: Buffer
}

function modeOf(headers: HeaderValues, { mode, gatewayPublicKey }: NotificationKeys) {
  if (mode !== undefined) return mode
  const isTokenSent = headerValue(headers, 'Authorization') !== undefined
  return isTokenSent || gatewayPublicKey === undefined ? 'symmetric' : 'asymmetric'
}

function checkSymmetric(signed: Signed, headers: HeaderValues, keys: NotificationKeys): void {
  const accessToken = bearerToken(headerValue(headers, 'Authorization'))
  if (accessToken === undefined || !acceptsToken(keys, accessToken)) throw refused('invalidTokenB2b')
  checkJson(signed.body)
  const secret = keys.clientSecret
  if (verifySymmetric({ ...signed, accessToken, secret }) === undefined) {
    throw refused('unauthorized', 'Invalid Signature')
  }
}

function checkAsymmetric(signed: Signed, { gatewayPublicKey }: NotificationKeys): void {
  if (gatewayPublicKey === undefined) throw new ValidationError('gatewayPublicKey', 'must be given.')
  checkJson(signed.body)
  for (const { bytes } of bodyForms(signed.body)) {
    const text = asymmetricStringToSign({ ...signed, bodyHash: hashBody(bytes) })
    if (verifyAsymmetric(gatewayPublicKey, text, signed.signature)) return
  }
  throw refused('unauthorized', 'Invalid Signature')
}

// The gateway's key signs for all of its partners and X-PARTNER-ID is not signed: what another partner was told, and has
// passed on to you, says in its body for whom it is.
function checkAddressee(members: Readonly<Record<string, unknown>>, { clientId }: NotificationKeys): void {
  const addressee = textMember(objectMember(members, 'additionalInfo'), 'partnerId') ?? clientId
  if (addressee !== clientId) throw refused('unauthorized', 'Unknown Client')
}

// Two members of one name would let a re-encoded body say something else than the one that was signed.
function checkJson(body: Buffer): void {
  const isObject = body.toString('latin1', 0, 64).trimStart().startsWith('{')
  if (body.length > BODY_MAX || !isObject || findJsonFault(body) !== undefined) throw refused('badRequest')
}

function bytesOf(rawBody: unknown): Buffer {
  if (rawBody instanceof Uint8Array) return Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.length)
  if (typeof rawBody === 'string') return Buffer.from(rawBody)
  throw new RawBodyError(
    'Give verifyNotification() the body as a Buffer or string from before JSON.parse; re-encoding a parsed object gives other bytes.',
  )
}

function refused(
  outcome: ConstructorParameters<typeof NotificationError>[1],
  detail?: string,
): NotificationError {
  return new NotificationError('notify', outcome, detail)
}
