import { type Operation, SnapError } from '@gerbang/snap'
import type { AuthDeps, Caller } from '../auth/authenticate.ts'
import { beginUnbinding, type CardToken, findAccount, lockCardToken } from '../card-token/card-token.ts'
import type { Bindings, Channel } from '../channels/channel.ts'
import { findChannel } from '../channels/index.ts'
import { refuseUnoffered } from '../channels/offered.ts'
import type { ChannelProfile } from '../channels/profile.ts'
import type { Clock } from '../clock.ts'
import type { Database, Sql } from '../database/pool.ts'
import { writeEvent } from '../outbox/outbox.ts'
import type { StoredReply } from '../reply.ts'
import { type RequestToClaim, replayOrConflict } from '../request-id/request-id.ts'
import { claimRequest } from '../request-id/request-ids.ts'
import type { Vault } from '../vault/vault.ts'
import { requestedEvent } from './events.ts'
import { findActiveBindings, findOpenUnbinding, insertUnbinding, moveBindings } from './store.ts'
import type { Unbinding } from './unbinding.ts'

export interface UnbindDeps extends Pick<AuthDeps, 'customerTokens'> {
  readonly clock: Clock
  readonly vault: Pick<Vault, 'digest'>
  readonly channels: readonly Channel[]
  readonly database: Pick<Database, 'sql' | 'transaction'>
  readonly newReferenceNo: (now: number) => string
}

export interface UnbindRequest {
  readonly caller: Pick<Caller, 'partner' | 'externalId' | 'customer'>
  readonly body: {
    readonly tokenId: string
    readonly partnerReferenceNo?: string
    readonly additionalInfo?: { readonly channel?: string }
  }
  /** The partner can ask the customer for a code. */
  readonly isHostToHost?: boolean
}

/** What one operation wants to forget, and when whoever takes what is due is to take it over. */
export interface UnbindKind {
  readonly operation: Operation
  readonly kind: 'card' | 'account'
  /** Milliseconds after the claim. */
  readonly leaseMs: number
  /** What a request without a reply is told, of the unbinding that it was claimed for; undefined while its process may be at work. */
  readonly rebuild?: (
    sql: Sql,
    request: RequestToClaim,
    referenceNo: string,
  ) => Promise<StoredReply | undefined>
}

/** A wish to forget that is committed once the transaction is. */
export interface Claimed {
  readonly request: RequestToClaim
  readonly unbinding: Unbinding
  /** Whether it was on its way already when this request came. */
  readonly isOpen: boolean
  readonly card: CardToken
  readonly profile: ChannelProfile
  readonly bindings: Bindings
}

/**
 * Claims the request and begins the unbinding within the transaction of `sql`: from its commit on nobody pays with the card, unless
 * its customer has to confirm the unbinding. Returns the first reply when it is a repeat. Throws SnapError `invalidCard` when the partner keeps no such card, `conflict` when the
 * external id was used for something else; a refusal rolls the claim back and uses up no external id.
 */
export async function claimUnbinding(
  sql: Sql,
  deps: UnbindDeps,
  { caller, body, isHostToHost = false }: UnbindRequest,
  {
    operation,
    kind,
    leaseMs,
    rebuild,
    bankCardToken,
  }: UnbindKind & { readonly bankCardToken: string | undefined },
): Promise<Claimed | { readonly reply: StoredReply }> {
  const { partnerId, profile } = caller.partner
  const at = deps.clock.now()
  // Locked first: of two requests for one card the second sees what the first has written.
  const token = bankCardToken && (await lockCardToken(sql, partnerId, bankCardToken))
  const open = token && (await findOpenUnbinding(sql, { partnerId, bankCardToken }))
  const request: RequestToClaim = {
    partnerId,
    operation,
    externalId: caller.externalId,
    claimedAt: at,
    fingerprint: deps.vault.digest('request', JSON.stringify(body)),
    referenceNo: open ? open.referenceNo : deps.newReferenceNo(at),
  }
  const claimed = await claimRequest(sql, request)
  if (claimed.kind !== 'new') {
    const lost = claimed.kind === 'running' && profile === 'doku' ? claimed.referenceNo : undefined
    const rebuilt = lost === undefined ? undefined : await rebuild?.(sql, request, lost)
    return { reply: rebuilt ?? replayOrConflict(claimed, profile) }
  }

  refuseUnoffered(deps.channels, body, ({ binding }) => binding?.kind === kind)
  const card = expectLiveCard(token || undefined)
  const named = checkRequest(deps, { caller, body }, { card, kind })
  const isConfirmed = isHostToHost && named.bindings.verifyUnbinding !== undefined
  const unbinding = open || unbindingOf(card, request.referenceNo, { body, at, isConfirmed })
  if (!open) await begin(sql, card, { unbinding, dueAt: at + leaseMs })
  return { request, unbinding, isOpen: Boolean(open), card, ...named }
}

/** A card or account as a request may name it: the token itself, or a customer's token, also one that has expired. */
export type TokenNamed =
  | { readonly kind: 'token'; readonly bankCardToken: string }
  /** Of a customer's token: undefined when the account is not there any more. */
  | { readonly kind: 'customer'; readonly bankCardToken: string | undefined }
  /** Looks like a customer's token, and is none of this partner's. */
  | { readonly kind: 'foreign' }

const BEARER = /^Bearer +/i

/** Whose card or account a `tokenId` means. */
export async function readTokenId(
  { customerTokens, database }: Pick<UnbindDeps, 'customerTokens' | 'database'>,
  partnerId: string,
  tokenId: string,
): Promise<TokenNamed> {
  const token = tokenId.replace(BEARER, '')
  if (!token.includes('.')) return { kind: 'token', bankCardToken: token }
  const read = await customerTokens.read(token)
  if (read?.kind !== 'access' || read.clientId !== partnerId || read.accountId === undefined)
    return { kind: 'foreign' }
  const account = await findAccount(database.sql, partnerId, read.accountId)
  return { kind: 'customer', bankCardToken: account?.bank_card_token }
}

/** Unknown, another partner's, forgotten: all are answered alike. */
function expectLiveCard(token: CardToken | undefined): CardToken {
  if (token === undefined || token.state === 'inactive') throw new SnapError('invalidCard')
  return token
}

function checkRequest(
  { channels }: UnbindDeps,
  { caller, body }: UnbindRequest,
  { card, kind }: { readonly card: CardToken; readonly kind: UnbindKind['kind'] },
): { readonly profile: ChannelProfile; readonly bindings: Bindings } {
  const name = body.additionalInfo?.channel
  const named = findChannel(channels, { name: name ?? card.channel, chargeToken: undefined })
  if (named === undefined) throw new SnapError('invalidFieldFormat', { detail: 'additionalInfo.channel' })
  if (named.profile.name !== card.channel) throw new SnapError('invalidCard')
  if (named.bindings === undefined || named.profile.binding?.kind !== kind)
    throw new SnapError('requestedFunctionIsNotSupported')
  const isOthers = caller.customer !== undefined && caller.customer.bankCardToken !== card.bank_card_token
  if (isOthers) throw new SnapError('inconsistentRequest')
  return { profile: named.profile, bindings: named.bindings }
}

function unbindingOf(
  card: CardToken,
  referenceNo: string,
  {
    body,
    ...facts
  }: { readonly body: UnbindRequest['body']; readonly at: number; readonly isConfirmed: boolean },
): Unbinding {
  return {
    partnerId: card.partner_id,
    referenceNo,
    partnerReferenceNo: body.partnerReferenceNo,
    channel: card.channel,
    bankCardToken: card.bank_card_token,
    isConfirmed: facts.isConfirmed,
    createdAt: facts.at,
  }
}

async function begin(
  sql: Sql,
  card: CardToken,
  { unbinding, dueAt }: { readonly unbinding: Unbinding; readonly dueAt: number },
): Promise<void> {
  // What its customer has not confirmed yet changes nothing.
  if (!unbinding.isConfirmed) await beginUnbinding(sql, card)
  const bindings = unbinding.isConfirmed
    ? await findActiveBindings(sql, unbinding)
    : await moveBindings(sql, unbinding, { from: 'active', to: 'unbinding' })
  await insertUnbinding(sql, unbinding, dueAt)
  await writeEvent(sql, requestedEvent(unbinding, bindings, unbinding.createdAt))
}
