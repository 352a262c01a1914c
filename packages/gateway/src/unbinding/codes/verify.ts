import { type OutcomeName, SnapError } from '@gerbang/snap'
import { lockCardToken } from '../../card-token/card-token.ts'
import type { Channel, UnbindAnswer } from '../../channels/channel.ts'
import { channelNamed } from '../../channels/index.ts'
import type { Clock } from '../../clock.ts'
import type { Database, Sql } from '../../database/pool.ts'
import type { StoredReply } from '../../reply.ts'
import { type AskedRequest, claimOrReplay, keepSealed } from '../../request-id/sealed-reply.ts'
import type { Secret } from '../../secret.ts'
import type { Vault } from '../../vault/vault.ts'
import { settleUnbinding } from '../settle.ts'
import { postponeUnbinding } from '../store.ts'
import { type Ending, endingOf } from '../unbinding.ts'
import { awaitCode, type CodeSent } from './await-code.ts'
import { rebuild } from './rebuild.ts'
import { verificationReply } from './reply.ts'
import {
  beginAttempt,
  type ConfirmedUnbinding,
  findAttempt,
  findByReference,
  findConfirmed,
  markWrong,
  writeAttempt,
} from './store.ts'

export const MOST_ATTEMPTS = 5

export interface VerifyDeps {
  readonly clock: Clock
  readonly vault: Vault
  readonly channels: readonly Channel[]
  readonly database: Pick<Database, 'transaction'>
  readonly newReferenceNo: (now: number) => string
  /** Of one call to the network, in milliseconds. */
  readonly timeoutMs: number
  /** How long after the claim the request itself has ended one way or the other, in milliseconds. */
  readonly leaseMs: number
  /** Pause before whoever takes what is due goes on after a silence, in milliseconds. */
  readonly firstPauseMs: number
}

/** A code that a partner's customer gave for the end of an account. */
export interface Trial {
  /** Undefined when the account is not there any more. */
  readonly bankCardToken: string | undefined
  readonly code: Secret
  readonly request: AskedRequest
  /** Throws SnapError for a body that names another unbinding than this one. */
  readonly expectNamed: (unbinding: ConfirmedUnbinding) => void
}

export interface Verification {
  readonly unbinding?: ConfirmedUnbinding
  readonly reply: StoredReply
  readonly fault?: unknown
}

/**
 * Service 04 of an unbinding. The attempt is written down before the network is asked, so that no number of processes tries more than
 * `MOST_ATTEMPTS`; no transaction is open while the network thinks. Throws SnapError for what needs no network: nothing that waits
 * for a code, a dead code, one that is known to be wrong, a used request id, `conflict` while the network is asked about another code.
 */
export async function verifyUnbinding(deps: VerifyDeps, trial: Trial): Promise<Verification> {
  const claimed = await deps.database.transaction((sql) => claimAttempt(sql, deps, trial))
  if ('reply' in claimed) return claimed
  const { unbinding, attempt } = claimed
  const answer = await askInTime(deps, claimed, trial.code)
  const heard: Heard = { trial, unbinding, attempt, answer }
  return deps.database
    .transaction((sql) => settle(sql, deps, heard))
    .catch((fault) => ({ unbinding, reply: replyTo(deps, trial, { unbinding, isWrong: false }), fault }))
}

/** A process that was held up since its claim must not ask about a code while others go on with the next, or have given up. */
async function askInTime(
  deps: VerifyDeps,
  { unbinding, attempt, until }: Claimed,
  code: Secret,
): Promise<UnbindAnswer> {
  const { clock, timeoutMs } = deps
  if (clock.now() + timeoutMs >= until) return { kind: 'unresolved', cause: 'too late to be sent' }
  const { referenceNo } = unbinding
  return verifierOf(deps, unbinding)({ referenceNo, step: 'otp', attempt, code }, timeoutMs)
}

function verifierOf({ channels }: VerifyDeps, { channel }: ConfirmedUnbinding) {
  const verify = channelNamed(channels, channel)?.bindings?.verifyUnbinding
  if (verify === undefined) throw new SnapError('requestedFunctionIsNotSupported')
  return verify
}

interface Claimed {
  readonly unbinding: ConfirmedUnbinding
  readonly attempt: number
  /** From when on others look after it, in epoch milliseconds. */
  readonly until: number
}

async function claimAttempt(
  sql: Sql,
  deps: VerifyDeps,
  { bankCardToken, code, request, expectNamed }: Trial,
): Promise<Claimed | { readonly reply: StoredReply }> {
  const { partnerId, externalId, claimedAt } = request
  const now = deps.clock.now()
  // Locked first: of two codes for one account the second sees what the first has written.
  const card = bankCardToken && (await lockCardToken(sql, partnerId, bankCardToken))
  const found = card ? await findConfirmed(sql, { partnerId, bankCardToken }) : undefined
  const referenceNo = found?.referenceNo ?? deps.newReferenceNo(now)
  const reply = await claimOrReplay(sql, deps.vault, { ...request, referenceNo }, (claimedFor) =>
    rebuild(sql, deps, request, claimedFor),
  )
  if (reply !== undefined) return { reply }
  if (found === undefined) throw new SnapError('transactionNotFound')
  expectNamed(found)
  verifierOf(deps, found)
  refuseUnlessOpen(found, now)
  const text = `${partnerId}|${referenceNo}|${code.reveal()}`
  const otpLookup = deps.vault.digest('unbinding-code', text)
  const known = await findAttempt(sql, found, otpLookup)
  if (known?.isWrong) throw new SnapError('invalidOtp')
  // A code whose answer was lost is asked about under the same number, and the network counts it once.
  const attempt = known?.attempt ?? found.attempts + 1
  if (found.trying !== undefined && found.trying !== attempt) throw new SnapError('conflict')
  if (attempt > MOST_ATTEMPTS) throw new SnapError('otpBlocked')
  await writeAttempt(sql, found, { attempt, otpLookup, externalId, triedAt: claimedAt })
  const until = now + deps.leaseMs
  await beginAttempt(sql, found, { attempt, until })
  return { unbinding: found, attempt, until }
}

function refuseUnlessOpen({ state, outcome, trying, otpExpiresAt }: ConfirmedUnbinding, now: number): void {
  if (state === 'completed') throw new SnapError('transactionAlreadySuccess')
  if (state === 'failed')
    throw new SnapError(outcome && OF_CODE.has(outcome) ? outcome : 'invalidTransactionStatus')
  // Whether the customer has a code is not known yet.
  if (otpExpiresAt === undefined) throw new SnapError('conflict')
  // Of a code that is being asked about the network says how it ends.
  if (trying === undefined && now >= otpExpiresAt) throw new SnapError('otpLifetimeExpired')
}

const OF_CODE: ReadonlySet<OutcomeName> = new Set(['otpBlocked', 'otpLifetimeExpired'])

interface Heard extends Pick<Claimed, 'unbinding' | 'attempt'> {
  readonly trial: Trial
  readonly answer: UnbindAnswer
}

/** Books the answer about a code: state, event and stored reply in one commit. */
async function settle(sql: Sql, deps: VerifyDeps, heard: Heard): Promise<Verification> {
  const { trial, unbinding, attempt, answer } = heard
  const now = deps.clock.now()
  await lockCardToken(sql, unbinding.partnerId, unbinding.bankCardToken)
  const isWrong = saysWrong(answer)
  if (isWrong) await markWrong(sql, unbinding, attempt)
  const before = await findByReference(sql, unbinding)
  const isMine = before?.trying === attempt
  const ending = isWrong ? lastOf(attempt) : endingOf(answer)
  if (ending !== undefined) await settleUnbinding(sql, unbinding, ending, now)
  else if (isMine && isWrong) await awaitCode(sql, unbinding, sentBefore(unbinding, answer))
  else if (isMine)
    await postponeUnbinding(sql, unbinding, { dueAt: now + deps.firstPauseMs, networkCode: codeOf(answer) })
  const standing = (await findByReference(sql, unbinding)) ?? unbinding
  const reply = replyTo(deps, trial, { unbinding: standing, isWrong })
  const isContradicted = ending?.state === 'completed' && standing.state === 'failed'
  return {
    unbinding: standing,
    reply: await keepSealed(sql, deps.vault, trial.request, reply),
    ...(isContradicted && { fault: new Contradiction(`unbound after ${standing.outcome ?? 'no answer'}`) }),
  }
}

/** The network has let go of an account that is kept here. */
class Contradiction extends Error {
  override readonly name = 'Contradiction'
}

/** A wrong code leaves the one that was sent as it is. */
function sentBefore({ otpExpiresAt }: ConfirmedUnbinding, answer: UnbindAnswer): CodeSent {
  if (answer.kind === 'otp-sent') return answer
  return { otpExpiresAt: otpExpiresAt ?? 0, networkCode: codeOf(answer) ?? '' }
}

function replyTo(
  { channels }: VerifyDeps,
  { request: { profile } }: Trial,
  { unbinding, isWrong }: { readonly unbinding: ConfirmedUnbinding; readonly isWrong: boolean },
): StoredReply {
  return verificationReply(channels, unbinding, { isWrong, profile })
}

/** Whether an answer to a code says that it was wrong. */
function saysWrong(answer: UnbindAnswer): boolean {
  return answer.kind === 'otp-sent' || (answer.kind === 'declined' && answer.outcome === 'invalidOtp')
}

function lastOf(attempt: number): Ending | undefined {
  return attempt < MOST_ATTEMPTS ? undefined : { state: 'failed', reason: 'blocked', outcome: 'otpBlocked' }
}

function codeOf(answer: UnbindAnswer): string | undefined {
  return 'networkCode' in answer ? answer.networkCode : undefined
}
