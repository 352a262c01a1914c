import {
  type Contract,
  findJsonFault,
  SnapError,
  type TokenHeaders,
  tokenStringToSign,
  verifyAsymmetric,
} from '@gerbang/snap'
import { type AuthDeps, checkTime } from '../auth/authenticate.ts'
import { findRefusal, parseBody } from '../auth/read-body.ts'

export type ClientDeps = Pick<AuthDeps, 'clock' | 'directory' | 'toleranceMs'>

/** A request for a token, as it came. */
export interface TokenRequest {
  readonly headers: TokenHeaders
  readonly body: Buffer
}

/**
 * Who asks for a token, by the signature over `client id|timestamp` with the partner's private key, and what the body says. Throws
 * the SnapError of the first check that fails.
 */
export async function readTokenRequest<Body>(
  deps: ClientDeps,
  contract: Pick<Contract, 'body'>,
  { headers, body }: TokenRequest,
): Promise<{ partnerId: string; asked: Body }> {
  const partner = await deps.directory.find(headers.clientKey)
  if (partner === undefined) throw new SnapError('unauthorized', { detail: 'Unknown Client' })
  const text = tokenStringToSign(headers.clientKey, headers.timestamp)
  if (!verifyAsymmetric(partner.publicKey, text, headers.signature)) {
    throw new SnapError('unauthorized', { detail: 'Invalid Signature' })
  }
  checkTime(deps.clock, headers.timestampMs, deps.toleranceMs)
  if (body.length === 0 || findJsonFault(body) !== undefined) throw new SnapError('badRequest')
  const asked = parseBody(body)
  const refusal = findRefusal(contract, asked)
  if (refusal !== undefined) throw refusal
  return { partnerId: partner.partnerId, asked: asked as Body }
}
