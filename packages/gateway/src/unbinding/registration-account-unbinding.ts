import { OUTCOMES, type OutcomeName, type Profile, responseMessage, SnapError } from '@gerbang/snap'
import type { Caller } from '../auth/authenticate.ts'
import type { UnbindAnswer as NetworkAnswer } from '../channels/channel.ts'
import { channelNamed, findChannel } from '../channels/index.ts'
import type { ChannelProfile } from '../channels/profile.ts'
import { responseCodeOf } from '../channels/reply-code.ts'
import type { Sql } from '../database/pool.ts'
import { repeatedReply, type StoredReply } from '../reply.ts'
import type { RequestName } from '../request-id/request-id.ts'
import { keepReply } from '../request-id/request-ids.ts'
import type { Vault } from '../vault/vault.ts'
import { askToForget } from './ask.ts'
import { type Claimed, claimUnbinding, type UnbindDeps, type UnbindRequest } from './claim.ts'
import { awaitCode, type CodeSent } from './codes/await-code.ts'
import { findByReference } from './codes/store.ts'
import type { UnbindAnswer } from './registration-card-unbind.ts'
import { settleUnbinding } from './settle.ts'
import { findStanding, findUnbindingState, postponeUnbinding } from './store.ts'
import { readTokenId } from './token-id.ts'
import { endingOf, type Unbinding } from './unbinding.ts'

export interface AccountUnbindDeps extends UnbindDeps {
  readonly vault: Vault
  /** Of one call to the network, in milliseconds. */
  readonly timeoutMs: number
  /** How long after the claim the request itself has ended one way or the other, in milliseconds. */
  readonly leaseMs: number
  /** Pause before whoever takes what is due goes on after a silence, in milliseconds. */
  readonly firstPauseMs: number
  readonly onFault: (error: unknown) => void
}

const OPERATION = 'registration-account-unbinding'

/**
 * Service 09, or what the channel calls it: an account is forgotten within the request, or once its customer has given the code that
 * the network has sent. The claim is committed before the network is
 * told, and no transaction is open meanwhile. A yes forgets the account, a clear no leaves it as it was, and after a silence whoever
 * takes what is due goes on.
 */
export async function registrationAccountUnbinding(
  deps: AccountUnbindDeps,
  request: UnbindRequest,
): Promise<UnbindAnswer> {
  const claimed = await claim(deps, request)
  if ('reply' in claimed) return claimed
  const { unbinding, card, bindings, isOpen } = claimed
  const { timeoutMs, vault } = deps
  const answer = await askToForget({ vault, timeoutMs }, bindings, {
    unbinding,
    card,
    wasAsked: isOpen,
  }).catch((error: unknown): NetworkAnswer => {
    deps.onFault(error)
    return { kind: 'unresolved', cause: 'never asked' }
  })
  const reply = await settle(deps, claimed, { answer, profile: request.caller.partner.profile })
  return { reply, unbinding }
}

async function claim(deps: AccountUnbindDeps, request: UnbindRequest) {
  const { caller, body } = request
  const named = await readTokenId(deps, caller.partner.partnerId, body.tokenId)
  const { leaseMs } = deps
  const account = { operation: OPERATION, kind: 'account', leaseMs } as const
  const { profile } = caller.partner
  return deps.database.transaction((sql) =>
    claimUnbinding(sql, deps, request, {
      ...account,
      named,
      rebuild: (within, asked, referenceNo) => rebuild(within, deps, asked, { referenceNo, profile }),
    }),
  )
}

interface Heard {
  readonly answer: NetworkAnswer
  readonly profile: Profile
}

function settle(deps: AccountUnbindDeps, claimed: Claimed, { answer, profile }: Heard): Promise<StoredReply> {
  const { request, unbinding } = claimed
  const now = deps.clock.now()
  const ending = endingOf(answer)
  return deps.database.transaction(async (sql) => {
    if (ending !== undefined) await settleUnbinding(sql, unbinding, ending, now)
    else if (answer.kind === 'otp-sent') await unlessTried(sql, unbinding, answer)
    else if (!claimed.isOpen)
      await postponeUnbinding(sql, unbinding, { dueAt: now + deps.firstPauseMs, networkCode: codeOf(answer) })
    // Another may have ended it, and otherwise: what is booked is what is answered.
    const state = await findUnbindingState(sql, unbinding)
    const outcome = outcomeOf(state, answer, claimed.profile)
    const reply = replyWith(claimed.profile, profile, { outcome, referenceNo: unbinding.referenceNo })
    return keepReply(sql, request, reply)
  })
}

/** While the network is asked about a code, that answer says what is waited for. */
async function unlessTried(sql: Sql, unbinding: Unbinding, sent: CodeSent): Promise<void> {
  const confirmed = await findByReference(sql, unbinding)
  if (confirmed?.trying === undefined) await awaitCode(sql, unbinding, sent)
}

function outcomeOf(
  state: string | undefined,
  answer: NetworkAnswer,
  { silence }: ChannelProfile,
): OutcomeName {
  if (state === 'completed') return 'successful'
  if (state !== 'failed') return answer.kind === 'otp-sent' ? 'requestInProgress' : silence
  return answer.kind === 'declined' ? answer.outcome : 'transactionNotPermitted'
}

function codeOf(answer: NetworkAnswer): string | undefined {
  return 'networkCode' in answer ? answer.networkCode : undefined
}

interface Told {
  readonly outcome: OutcomeName
  readonly detail?: string | undefined
  readonly referenceNo?: string
}

function replyWith(channel: ChannelProfile, profile: Profile, told: Told): StoredReply {
  const { status } = OUTCOMES[told.outcome]
  const words = {
    responseCode: responseCodeOf(channel, OPERATION, told.outcome, profile),
    responseMessage: responseMessage(told.outcome, told.detail),
  }
  const text = JSON.stringify(status < 300 ? { ...words, referenceNo: told.referenceNo } : words)
  return { status, text }
}

/** A refusal under the number that the named channel gives the operation; thrown on when no channel is named, or none that is known. */
export function refuseByChannel(
  { channels }: Pick<UnbindDeps, 'channels'>,
  { caller, body }: { readonly caller: Pick<Caller, 'partner'>; readonly body: unknown },
  refusal: unknown,
): StoredReply {
  const { channel: name } = Object(Object(body).additionalInfo) as { channel?: unknown }
  const channel = typeof name === 'string' && findChannel(channels, { name, chargeToken: undefined })
  if (!(refusal instanceof SnapError) || !channel) throw refusal
  return replyWith(channel.profile, caller.partner.profile, refusal)
}

/** What a request is told whose process has died: how its unbinding ended, or that nobody knows yet. */
async function rebuild(
  sql: Sql,
  deps: AccountUnbindDeps,
  request: RequestName,
  { referenceNo, profile }: { readonly referenceNo: string; readonly profile: Profile },
): Promise<StoredReply | undefined> {
  const { partnerId } = request
  const standing = await findStanding(sql, { partnerId, referenceNo })
  const channel = standing && channelNamed(deps.channels, standing.channel)?.profile
  if (standing === undefined || channel === undefined) return undefined
  const { state, isOver, createdAt } = standing
  if (!isOver && deps.clock.now() < createdAt + deps.leaseMs) return undefined
  const confirmed = await findByReference(sql, { partnerId, referenceNo })
  const isAsked = !isOver && confirmed?.otpExpiresAt !== undefined
  const silent = { kind: 'unresolved', cause: 'its process has died' } as const
  const outcome = isAsked ? 'requestInProgress' : (confirmed?.outcome ?? outcomeOf(state, silent, channel))
  const reply = replyWith(channel, profile, { outcome, referenceNo })
  const { text } = isOver ? await keepReply(sql, request, reply) : reply
  return repeatedReply(text)
}
