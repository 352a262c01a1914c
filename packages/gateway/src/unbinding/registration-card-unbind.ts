import { type CardUnbindBody, responseCode, responseMessage, SnapError } from '@gerbang/snap'
import type { AuthDeps, Caller } from '../auth/authenticate.ts'
import { beginUnbinding, type CardToken, findAccount, lockCardToken } from '../card-token/card-token.ts'
import type { Channel } from '../channels/channel.ts'
import { findChannel } from '../channels/index.ts'
import type { Clock } from '../clock.ts'
import type { Database, Sql } from '../database/pool.ts'
import { writeEvent } from '../outbox/outbox.ts'
import type { StoredReply } from '../reply.ts'
import { replayOrConflict } from '../request-id/request-id.ts'
import { claimRequest, keepReply } from '../request-id/request-ids.ts'
import type { Vault } from '../vault/vault.ts'
import { requestedEvent } from './events.ts'
import { findOpenUnbinding, insertUnbinding, moveBindings } from './store.ts'
import type { Unbinding } from './unbinding.ts'

export interface CardUnbindDeps extends Pick<AuthDeps, 'customerTokens'> {
  readonly clock: Clock
  readonly vault: Pick<Vault, 'digest'>
  readonly channels: readonly Channel[]
  readonly database: Pick<Database, 'sql' | 'transaction'>
  readonly newReferenceNo: (now: number) => string
}

export interface CardUnbindRequest {
  readonly caller: Pick<Caller, 'partner' | 'externalId' | 'customer'>
  readonly body: CardUnbindBody
}

export interface CardUnbindAnswer {
  readonly reply: StoredReply
  /** Absent when an earlier reply is repeated. */
  readonly unbinding?: Unbinding
}

/**
 * Service 05: everything is written in one commit, and the network is told afterwards by whoever takes what is due. A card that is
 * being unbound already is answered with the number of that unbinding.
 *
 * Throws SnapError `invalidCard` when the partner keeps no such card, `conflict` when the external id was used for something else.
 */
export async function registrationCardUnbind(
  deps: CardUnbindDeps,
  { caller, body }: CardUnbindRequest,
): Promise<CardUnbindAnswer> {
  const { partnerId, profile } = caller.partner
  const bankCardToken = await bankCardTokenOf(deps, partnerId, body.tokenId)
  const at = deps.clock.now()
  return deps.database.transaction(async (sql) => {
    // Locked first: of two requests for one card the second sees what the first has written.
    const token = bankCardToken && (await lockCardToken(sql, partnerId, bankCardToken))
    const open = token && (await findOpenUnbinding(sql, { partnerId, bankCardToken }))
    const request = {
      partnerId,
      operation: 'registration-card-unbind',
      externalId: caller.externalId,
      claimedAt: at,
      fingerprint: deps.vault.digest('request', JSON.stringify(body)),
      referenceNo: open ? open.referenceNo : deps.newReferenceNo(at),
    } as const
    const claimed = await claimRequest(sql, request)
    if (claimed.kind !== 'new') return { reply: replayOrConflict(claimed, profile) }

    // A refusal rolls the claim back: it uses up no external id.
    const card = expectLiveCard(token || undefined)
    checkRequest(deps, { caller, body }, card)
    const unbinding = open || unbindingOf(card, request.referenceNo, { body, at })
    if (!open) await begin(sql, card, unbinding)
    const reply = replyOf(unbinding)
    await keepReply(sql, request, reply)
    return { reply, unbinding }
  })
}

/** A customer's token, for clients that know the card by no other name, leads to its card even when it has expired. */
async function bankCardTokenOf(
  deps: CardUnbindDeps,
  partnerId: string,
  tokenId: string,
): Promise<string | undefined> {
  if (!tokenId.includes('.')) return tokenId
  const read = await deps.customerTokens.read(tokenId)
  if (read?.kind !== 'access' || read.clientId !== partnerId || read.accountId === undefined) return undefined
  return (await findAccount(deps.database.sql, partnerId, read.accountId))?.bank_card_token
}

/** Unknown, another partner's, forgotten: all are answered alike. */
function expectLiveCard(token: CardToken | undefined): CardToken {
  if (token === undefined || token.state === 'inactive') throw new SnapError('invalidCard')
  return token
}

function checkRequest(deps: CardUnbindDeps, { caller, body }: CardUnbindRequest, card: CardToken): void {
  const name = body.additionalInfo?.channel
  const named = findChannel(deps.channels, { name: name ?? card.channel, chargeToken: undefined })
  if (named === undefined) throw new SnapError('invalidFieldFormat', { detail: 'additionalInfo.channel' })
  if (named.profile.name !== card.channel) throw new SnapError('invalidCard')
  if (named.bindings === undefined) throw new SnapError('requestedFunctionIsNotSupported')
  const isOthers = caller.customer !== undefined && caller.customer.bankCardToken !== card.bank_card_token
  if (isOthers) throw new SnapError('inconsistentRequest')
}

function unbindingOf(
  card: CardToken,
  referenceNo: string,
  { body, at }: { readonly body: CardUnbindBody; readonly at: number },
): Unbinding {
  return {
    partnerId: card.partner_id,
    referenceNo,
    partnerReferenceNo: body.partnerReferenceNo,
    channel: card.channel,
    bankCardToken: card.bank_card_token,
    createdAt: at,
  }
}

async function begin(sql: Sql, card: CardToken, unbinding: Unbinding): Promise<void> {
  await beginUnbinding(sql, card)
  const bindings = await moveBindings(sql, unbinding, { from: 'active', to: 'unbinding' })
  await insertUnbinding(sql, unbinding)
  await writeEvent(sql, requestedEvent(unbinding, bindings, unbinding.createdAt))
}

function replyOf({ referenceNo }: Unbinding): StoredReply {
  const reply = {
    responseCode: responseCode('registration-card-unbind', 'successful'),
    responseMessage: responseMessage('successful'),
    referenceNo,
  }
  return { status: 200, text: JSON.stringify(reply) }
}
