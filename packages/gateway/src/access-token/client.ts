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
import type { Line } from '../line.ts'
import { isValid } from '../partner/keys.ts'

export type ClientDeps = Pick<AuthDeps, 'clock' | 'directory' | 'toleranceMs' | 'keyUse' | 'gates'>

/** A request for a token, as it came. */
export interface TokenRequest {
  readonly headers: TokenHeaders
  readonly body: Buffer
  readonly line: Line
}

/**
 * Who asks for a token, by the signature over `client id|timestamp` with the partner's private key, and what the body says. Throws
 * the SnapError of the first check that fails.
 */
export async function readTokenRequest<Body>(
  deps: ClientDeps,
  contract: Pick<Contract, 'body'>,
  { headers, body, line }: TokenRequest,
): Promise<{ partnerId: string; asked: Body }> {
  const partner = await deps.directory.find(headers.clientKey)
  if (partner === undefined) throw new SnapError('unauthorized', { detail: 'Unknown Client' })
  const text = tokenStringToSign(headers.clientKey, headers.timestamp)
  const now = deps.clock.now()
  const signer = partner.publicKeys.find(
    (one) => isValid(one, now) && verifyAsymmetric(one.key, text, headers.signature),
  )
  if (signer === undefined) throw new SnapError('unauthorized', { detail: 'Invalid Signature' })
  checkTime(deps.clock, headers.timestampMs, deps.toleranceMs)
  deps.keyUse.note(partner.partnerId, signer.keyId)
  line.partner = partner.partnerId
  await deps.gates.admit(partner, 'token', line)
  if (body.length === 0 || findJsonFault(body) !== undefined) throw new SnapError('badRequest')
  const asked = parseBody(body)
  const refusal = findRefusal(contract, asked)
  if (refusal !== undefined) throw refusal
  return { partnerId: partner.partnerId, asked: asked as Body }
}
