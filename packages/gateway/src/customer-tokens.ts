import type { AccessTokenB2b2cDeps } from './access-token/access-token-b2b2c.ts'
import { findBoundAccount, putTokenEnd } from './access-token/store.ts'
import type { AuthDeps } from './auth/authenticate.ts'
import { type CustomerTokens, openCustomerTokens } from './auth/customer-tokens.ts'
import { authCodeLookup } from './binding/auth-code.ts'
import { findAccount } from './card-token/card-token.ts'
import type { Parts } from './gateway.ts'

type TokenParts = Pick<Parts, 'config' | 'clock' | 'vault'>

/** Customers' tokens as the settings want them. */
export function customerTokensOf({ config, clock, vault }: TokenParts): CustomerTokens {
  return openCustomerTokens({
    signingKey: config.signingKeyFile,
    // The look-up key stays when the keys of the vault are rotated.
    refreshKey: vault.digest('refresh-token', 'key'),
    issuer: config.tokenIssuer,
    accessSeconds: config.customerTokenSeconds,
    refreshSeconds: config.refreshTokenSeconds,
    leewaySeconds: config.tokenLeewaySeconds,
    clock,
  })
}

/** What issues customers' tokens and says what they are worth at this moment. */
export function customerTokenDeps(
  parts: TokenParts & Pick<Parts, 'database'>,
): Pick<AccessTokenB2b2cDeps, 'customerTokens' | 'findCustomer' | 'findBoundAccount' | 'noteEnd'> &
  Pick<AuthDeps, 'findFormerCustomer'> {
  const { vault } = parts
  const { sql } = parts.database
  return {
    customerTokens: customerTokensOf(parts),
    async findCustomer(partnerId, accountId) {
      const card = await findAccount(sql, partnerId, accountId)
      return card?.state === 'active' ? { bankCardToken: card.bank_card_token } : undefined
    },
    async findFormerCustomer(partnerId, accountId) {
      const card = await findAccount(sql, partnerId, accountId)
      return card === undefined || card.state === 'active'
        ? undefined
        : { bankCardToken: card.bank_card_token }
    },
    findBoundAccount: (partnerId, authCode) =>
      findBoundAccount(sql, partnerId, authCodeLookup(vault, partnerId, authCode)),
    noteEnd: ({ clientId, accountId }, expiresAt) =>
      putTokenEnd(sql, { partnerId: clientId, accountId, expiresAt: new Date(expiresAt) }),
  }
}
