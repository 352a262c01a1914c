import {
  AccessTokenB2b,
  findJsonFault,
  readTokenHeaders,
  responseCode,
  responseMessage,
  SnapError,
  tokenStringToSign,
  verifyAsymmetric,
} from '@gerbang/snap'
import { type AuthDeps, checkTime, type Incoming } from '../auth/authenticate.ts'
import { refuseDoubledHeaders } from '../auth/doubled-headers.ts'
import { findRefusal, parseBody } from '../auth/read-body.ts'
import type { StoredReply } from '../reply.ts'

export type AccessTokenDeps = Pick<AuthDeps, 'clock' | 'directory' | 'tokens' | 'toleranceMs'>

/**
 * Service 73: a token for whoever signs `client id|timestamp` with the partner's private key. Throws the SnapError of the first
 * check that fails. The reply's members and their JSON types are what client libraries can parse, to the letter.
 */
export async function accessTokenB2b(
  deps: AccessTokenDeps,
  incoming: Incoming,
): Promise<StoredReply & { partnerId: string }> {
  refuseDoubledHeaders(incoming.rawHeaders)
  const headers = readTokenHeaders(incoming.headers)
  if ('outcome' in headers) throw new SnapError(headers.outcome, { detail: headers.detail })
  const partner = await deps.directory.find(headers.clientKey)
  if (partner === undefined) throw new SnapError('unauthorized', { detail: 'Unknown Client' })
  const text = tokenStringToSign(headers.clientKey, headers.timestamp)
  if (!verifyAsymmetric(partner.publicKey, text, headers.signature)) {
    throw new SnapError('unauthorized', { detail: 'Invalid Signature' })
  }
  checkTime(headers.timestampMs, deps.clock.now(), deps.toleranceMs)
  if (incoming.body.length === 0 || findJsonFault(incoming.body) !== undefined)
    throw new SnapError('badRequest')
  const refusal = findRefusal(AccessTokenB2b, parseBody(incoming.body))
  if (refusal !== undefined) throw refusal

  const reply = {
    responseCode: responseCode('access-token-b2b', 'successful'),
    responseMessage: responseMessage('successful'),
    accessToken: await deps.tokens.issue(partner.partnerId),
    tokenType: 'Bearer',
    expiresIn: deps.tokens.expiresIn,
    additionalInfo: '',
  }
  return { status: 200, text: JSON.stringify(reply), partnerId: partner.partnerId }
}
