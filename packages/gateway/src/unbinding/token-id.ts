import { findAccount } from '../card-token/card-token.ts'
import { findChannel } from '../channels/index.ts'
import type { UnbindDeps, UnbindRequest } from './claim.ts'

/** A card or account as a request may name it: the token itself, or a customer's token, also one that has expired. */
export type TokenNamed =
  | { readonly kind: 'token'; readonly bankCardToken: string }
  /** Of a customer's token: undefined when the account is not there any more. */
  | { readonly kind: 'customer'; readonly bankCardToken: string | undefined }
  /** Neither a token of ours in form, nor a customer's token of this partner's. */
  | { readonly kind: 'foreign' }

type TokenDeps = Pick<UnbindDeps, 'customerTokens' | 'database'>

const BEARER = /^Bearer +/i
const BANK_CARD_TOKEN = /^[0-9a-f]{32}$/

/** Whose card or account a `tokenId` means. */
export async function readTokenId(
  { customerTokens, database }: TokenDeps,
  partnerId: string,
  tokenId: string,
): Promise<TokenNamed> {
  const token = tokenId.replace(BEARER, '')
  if (BANK_CARD_TOKEN.test(token)) return { kind: 'token', bankCardToken: token }
  if (!token.includes('.')) return { kind: 'foreign' }
  const read = await customerTokens.read(token)
  if (read?.kind !== 'access' || read.clientId !== partnerId || read.accountId === undefined)
    return { kind: 'foreign' }
  const account = await findAccount(database.sql, partnerId, read.accountId)
  return { kind: 'customer', bankCardToken: account?.bank_card_token }
}

/** The same for a card, whose channel may want its tokens wrapped in Base64. */
export async function readCardTokenId(
  deps: TokenDeps & Pick<UnbindDeps, 'channels'>,
  { caller, body }: UnbindRequest,
): Promise<TokenNamed> {
  const { partnerId } = caller.partner
  const named = await readTokenId(deps, partnerId, body.tokenId)
  if (named.kind !== 'foreign' || !isWrapped(deps, body)) return named
  return readTokenId(deps, partnerId, Buffer.from(body.tokenId, 'base64').toString('latin1'))
}

function isWrapped(
  { channels }: Pick<UnbindDeps, 'channels'>,
  { additionalInfo }: UnbindRequest['body'],
): boolean {
  const name = additionalInfo?.channel
  const channel = name === undefined ? undefined : findChannel(channels, { name, chargeToken: undefined })
  return channel?.profile.binding?.isTokenIdWrapped ?? false
}
