import {
  AccessTokenB2b2c,
  type AccessTokenB2b2cBody,
  type AccessTokenB2b2cReply,
  formatTimestamp,
  responseCode,
  responseMessage,
  SnapError,
} from '@gerbang/snap'
import type { AuthDeps } from '../auth/authenticate.ts'
import type { Account } from '../auth/customer-tokens.ts'
import type { StoredReply } from '../reply.ts'
import { type ClientDeps, readTokenRequest, type TokenRequest } from './client.ts'

export interface AccessTokenB2b2cDeps extends ClientDeps, Pick<AuthDeps, 'customerTokens' | 'findCustomer'> {
  /** The account of the active binding that has this authCode, or undefined. */
  readonly findBoundAccount: (partnerId: string, authCode: string) => Promise<string | undefined>
  /** The customer's latest access token ends then, in epoch milliseconds. */
  readonly noteEnd: (account: Account, expiresAt: number) => Promise<void>
}

/**
 * Service 74: a customer's tokens, for the authCode of a binding or for an earlier refresh token. An authCode serves as often as it
 * is asked for, as long as its binding is active. Throws the SnapError of the first check that fails.
 */
export async function accessTokenB2b2c(
  deps: AccessTokenB2b2cDeps,
  request: TokenRequest,
): Promise<StoredReply> {
  const { partnerId, asked } = await readTokenRequest<AccessTokenB2b2cBody>(deps, AccessTokenB2b2c, request)
  const accountId = await accountOf(deps, partnerId, asked)
  const account = { clientId: partnerId, accountId }
  const issued = await deps.customerTokens.issue(account)
  await deps.noteEnd(account, issued.accessExpiresAt)
  const reply: AccessTokenB2b2cReply = {
    responseCode: responseCode('access-token-b2b2c', 'successful'),
    responseMessage: responseMessage('successful'),
    accessToken: issued.accessToken,
    tokenType: 'Bearer',
    accessTokenExpiryTime: formatTimestamp(issued.accessExpiresAt),
    refreshToken: issued.refreshToken,
    refreshTokenExpiryTime: formatTimestamp(issued.refreshExpiresAt),
  }
  return { status: 200, text: JSON.stringify(reply) }
}

function accountOf(
  deps: AccessTokenB2b2cDeps,
  partnerId: string,
  asked: AccessTokenB2b2cBody,
): Promise<string> {
  return asked.grantType.toLowerCase() === 'refresh_token'
    ? accountOfRefreshToken(deps, partnerId, asked.refreshToken)
    : accountOfAuthCode(deps, partnerId, asked.authCode)
}

/** Unknown, another partner's, not verified yet, unbound: all are answered alike. */
async function accountOfAuthCode(
  deps: AccessTokenB2b2cDeps,
  partnerId: string,
  authCode: string | undefined,
): Promise<string> {
  if (authCode === undefined) throw new SnapError('invalidMandatoryField', { detail: 'authCode' })
  const accountId = await deps.findBoundAccount(partnerId, authCode)
  if (accountId === undefined) throw new SnapError('unauthorized', { detail: 'Invalid authCode' })
  return accountId
}

async function accountOfRefreshToken(
  deps: AccessTokenB2b2cDeps,
  partnerId: string,
  refreshToken: string | undefined,
): Promise<string> {
  if (refreshToken === undefined) throw new SnapError('invalidMandatoryField', { detail: 'refreshToken' })
  const read = await deps.customerTokens.read(refreshToken)
  const isOwn = read?.kind === 'refresh' && !read.isExpired && read.clientId === partnerId
  const accountId = isOwn ? read.accountId : undefined
  if (accountId === undefined || (await deps.findCustomer(partnerId, accountId)) === undefined)
    throw new SnapError('unauthorized', { detail: 'Invalid refreshToken' })
  return accountId
}
