import { type Answer, textMember } from './answers.ts'
import { NoAnswerError } from './errors.ts'
import { checkToken } from './field-rules.ts'
import { conceal } from './operation.ts'
import type { Settings } from './settings.ts'
import { requestToken } from './token-request.ts'

const PATH = '/authorization/v1/access-token/b2b2c'

/** The code of a binding, which may be used again while the card is kept, or the refresh token of an earlier answer. */
export type CustomerGrant =
  | { readonly authCode: string; readonly refreshToken?: never }
  | { readonly refreshToken: string; readonly authCode?: never }

export interface CustomerToken {
  /** For `customerToken` of `pay()` and `refund()`. */
  readonly accessToken: string
  /** ISO 8601, as the next two. */
  readonly accessTokenExpiryTime: string | undefined
  readonly refreshToken: string | undefined
  readonly refreshTokenExpiryTime: string | undefined
}

/** @throws ValidationError, RefusedError, NoAnswerError */
export async function askCustomerToken(settings: Settings, grant: CustomerGrant): Promise<CustomerToken> {
  const body =
    grant.refreshToken === undefined
      ? { grantType: 'authorization_code', authCode: checkToken('authCode', grant.authCode) }
      : { grantType: 'refresh_token', refreshToken: checkToken('refreshToken', grant.refreshToken) }
  return read(await requestToken(settings, { path: PATH, body, subject: 'customer' }))
}

function read({ body }: Answer): CustomerToken {
  const accessToken = textMember(body, 'accessToken')
  if (accessToken === undefined) {
    const cause = new Error('token answer without a token')
    throw new NoAnswerError({ attempts: 1, money: 'not-moved', subject: 'customer', cause })
  }
  return conceal({
    accessToken,
    accessTokenExpiryTime: textMember(body, 'accessTokenExpiryTime'),
    refreshToken: textMember(body, 'refreshToken'),
    refreshTokenExpiryTime: textMember(body, 'refreshTokenExpiryTime'),
  })
}
