import { AccessTokenB2b, responseCode, responseMessage } from '@gerbang/snap'
import type { AuthDeps } from '../auth/authenticate.ts'
import type { StoredReply } from '../reply.ts'
import { type ClientDeps, readTokenRequest, type TokenRequest } from './client.ts'

export type AccessTokenB2bDeps = ClientDeps & Pick<AuthDeps, 'tokens'>

/**
 * Service 73: a token for the partner. Throws the SnapError of the first check that fails. The reply's members and their JSON
 * types are what client libraries can parse, to the letter.
 */
export async function accessTokenB2b(deps: AccessTokenB2bDeps, request: TokenRequest): Promise<StoredReply> {
  const { partnerId } = await readTokenRequest(deps, AccessTokenB2b, request)
  const reply = {
    responseCode: responseCode('access-token-b2b', 'successful'),
    responseMessage: responseMessage('successful'),
    accessToken: await deps.tokens.issue(partnerId),
    tokenType: 'Bearer',
    expiresIn: deps.tokens.expiresIn,
    additionalInfo: '',
  }
  return { status: 200, text: JSON.stringify(reply) }
}
