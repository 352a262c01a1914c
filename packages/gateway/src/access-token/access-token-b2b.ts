import {
  AccessTokenB2b,
  findJsonFault,
  responseCode,
  responseMessage,
  SnapError,
  type TokenHeaders,
  tokenStringToSign,
  verifyAsymmetric,
} from '@gerbang/snap'
import { type AuthDeps, checkTime } from '../auth/authenticate.ts'
import { findRefusal, parseBody } from '../auth/read-body.ts'
import type { StoredReply } from '../reply.ts'

export type AccessTokenDeps = Pick<AuthDeps, 'clock' | 'directory' | 'tokens' | 'toleranceMs'>

/**
 * Service 73: a token for whoever signs `client id|timestamp` with the partner's private key. Throws the SnapError of the first
 * check that fails. The reply's members and their JSON types are what client libraries can parse, to the letter.
 */
export async function accessTokenB2b(
  deps: AccessTokenDeps,
  headers: TokenHeaders,
  requestBody: Buffer,
): Promise<StoredReply & { partnerId: string }> {
  const partner = await deps.directory.find(headers.clientKey)
  if (partner === undefined) throw new SnapError('unauthorized', { detail: 'Unknown Client' })
  const text = tokenStringToSign(headers.clientKey, headers.timestamp)
  if (!verifyAsymmetric(partner.publicKey, text, headers.signature)) {
    throw new SnapError('unauthorized', { detail: 'Invalid Signature' })
  }
  checkTime(deps.clock, headers.timestampMs, deps.toleranceMs)
  if (requestBody.length === 0 || findJsonFault(requestBody) !== undefined) throw new SnapError('badRequest')
  const refusal = findRefusal(AccessTokenB2b, parseBody(requestBody))
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
