import { type OutcomeName, SnapError } from '@gerbang/snap'
import type { BindingAnswer, Channel } from '../channels/channel.ts'
import { channelNamed } from '../channels/index.ts'
import type { Sql } from '../database/pool.ts'
import {
  claimOtpRequest,
  findLostRequest,
  outcomeOfLost,
  refusedCode,
  resendsLeft,
} from '../otp-request/otp-request.ts'
import type { StoredReply } from '../reply.ts'
import { type AskedRequest, claimOrReplay, keepSealed, type Rebuilt } from '../request-id/sealed-reply.ts'
import type { Binding, BindingName } from './binding.ts'
import { otpReply } from './replies.ts'
import { book, type SettleDeps, type Settled, settleUnlessGone, standing } from './settle.ts'
import { isPending, STATES } from './states.ts'
import { lockBinding, updateBinding } from './store.ts'
import { traitsOf } from './traits.ts'
import { judge, type Verdict } from './verdict.ts'

export interface ResendDeps extends SettleDeps {
  readonly channels: readonly Channel[]
  readonly networkTimeoutMs: number
  readonly longestRequestMs: number
  /** How long after one code the next may be asked for, in milliseconds. */
  readonly resendPauseMs: number
}

export interface Wish {
  readonly name: BindingName
  readonly request?: AskedRequest
}

export interface ResendAnswer extends Settled {
  readonly outcome: OutcomeName
  readonly reply: StoredReply
}

/**
 * Service 81: another code, and the one before is dead. Counted before the network is asked, and whatever it says: nobody asks it
 * without end. A request whose process has died is told what came of it. Throws SnapError `invalidTransactionStatus` when no code
 * is waited for, `activityCountLimitExceeded` after the third, `tooManyRequests` with the seconds to wait when the last one was
 * asked for a moment ago, `conflict` for a used request id.
 */
export async function otp(deps: ResendDeps, wish: Wish): Promise<ResendAnswer> {
  const claimed = await deps.transaction((sql) => claimResend(sql, deps, wish))
  if ('reply' in claimed) return { ...claimed, outcome: 'conflict' }
  const { binding, before } = claimed
  const answer = await ask(deps, binding)
  return settleResend(deps, wish, { before, binding, answer }).catch((fault) => ({
    binding,
    outcome: 'requestInProgress' as const,
    reply: otpReply(deps, binding, 'requestInProgress'),
    fault,
  }))
}

type Claimed =
  | { readonly binding: Binding; readonly before: Binding }
  | { readonly binding: Binding; readonly reply: StoredReply }

async function claimResend(sql: Sql, deps: ResendDeps, { name, request }: Wish): Promise<Claimed> {
  const { referenceNo } = name
  const reply =
    request &&
    (await claimOrReplay(sql, deps.vault, { ...request, referenceNo }, (claimedFor) =>
      rebuild(sql, deps, { ...name, referenceNo: claimedFor }, request.externalId),
    ))
  const before = await lockBinding(sql, name)
  if (reply !== undefined) return { binding: before, reply }
  const now = deps.clock.now()
  refuseUnlessFree(deps, before, now)
  const asked = await claimOtpRequest(sql, ownerOf(name), { before, externalId: request?.externalId, now })
  const binding: Binding = { ...before, ...asked, dueAt: now + deps.longestRequestMs, inquiries: 0 }
  await updateBinding(sql, binding)
  return { binding, before }
}

/** What a request is told whose process has died; undefined while it may still be asking. */
async function rebuild(
  sql: Sql,
  deps: ResendDeps,
  name: BindingName,
  externalId: string,
): Promise<Rebuilt | undefined> {
  const binding = await lockBinding(sql, name)
  const now = deps.clock.now()
  const { longestRequestMs } = deps
  const asked = await findLostRequest(sql, ownerOf(name), { externalId, now, longestRequestMs })
  if (asked === undefined) return undefined
  const outcome = refusalOf(binding) ?? outcomeOfLost(asked, binding, now)
  return { reply: otpReply(deps, binding, outcome), isFinal: outcome !== 'requestInProgress' }
}

function ownerOf({ partnerId, referenceNo }: BindingName) {
  return { kind: 'binding', partnerId, referenceNo } as const
}

/** What is told of a binding that waits for no password any more. */
function refusalOf({ state, step }: Binding): OutcomeName | undefined {
  if (isPending(state)) return step === 'otp' ? undefined : 'invalidTransactionStatus'
  return STATES[state].ofCode
}

function refuseUnlessFree(deps: ResendDeps, binding: Binding, now: number): void {
  const isOver = now >= binding.expiresAt
  const isAtCode = binding.state === 'otp_sent' || binding.state === 'otp_wanted'
  if (!isAtCode || isOver) throw new SnapError('invalidTransactionStatus')
  const { isOtpAskedFor } = traitsOf(deps.channels, binding.channel)
  if (resendsLeft(binding, isOtpAskedFor) === 0) throw new SnapError('activityCountLimitExceeded')
  const waitMs = (binding.otpSentAt ?? Number.NEGATIVE_INFINITY) + deps.resendPauseMs - now
  if (waitMs > 0) throw new SnapError('tooManyRequests', { retryAfterSeconds: Math.ceil(waitMs / 1000) })
}

function ask(
  { channels, networkTimeoutMs }: ResendDeps,
  { channel, referenceNo }: Binding,
): Promise<BindingAnswer> {
  const cards = channelNamed(channels, channel)?.bindings
  if (cards === undefined) throw new Error('The channel of a binding keeps no cards')
  return cards.resendOtp(referenceNo, networkTimeoutMs)
}

interface Heard {
  /** As it stood before another code was asked for. */
  readonly before: Binding
  /** And as it stood from then on. */
  readonly binding: Binding
  readonly answer: BindingAnswer
}

function settleResend(deps: ResendDeps, { name, request }: Wish, heard: Heard): Promise<ResendAnswer> {
  return settleUnlessGone(heard.answer, (answer) =>
    deps.transaction(async (sql) => {
      const standingNow = await lockBinding(sql, name)
      const now = deps.clock.now()
      const verdict = judge(answer, now)
      const binding = await bookResend(sql, deps, { standingNow, verdict, now, heard: { ...heard, answer } })
      const outcome = outcomeOf(binding, verdict)
      const reply = otpReply(deps, binding, outcome)
      const told = request === undefined ? reply : await keepSealed(sql, deps.vault, request, reply)
      return { ...standing(binding, verdict), outcome, reply: told }
    }),
  )
}

interface Booking {
  readonly standingNow: Binding
  readonly verdict: Verdict
  readonly now: number
  readonly heard: Heard
}

async function bookResend(sql: Sql, deps: ResendDeps, booking: Booking): Promise<Binding> {
  const { standingNow, verdict, now, heard } = booking
  const { before, binding, answer } = heard
  const isMine = standingNow.state === binding.state && standingNow.otpRequests === binding.otpRequests
  if (!isMine) return standingNow
  if (answer.kind === 'declined')
    return write(sql, { ...standingNow, ...refusedCode(before, binding), dueAt: before.dueAt })
  if (verdict.state === 'unresolved') return write(sql, { ...standingNow, dueAt: now + deps.firstInquiryMs })
  if (answer.kind !== 'otp-sent') return book(sql, deps, { before: standingNow, verdict, now })
  // The cardholder gets time for the new code, whatever was left of it.
  const expiresAt = Math.max(standingNow.expiresAt, now + deps.sessionMs)
  return book(sql, deps, { before: { ...standingNow, expiresAt }, verdict, now })
}

async function write(sql: Sql, binding: Binding): Promise<Binding> {
  await updateBinding(sql, binding)
  return binding
}

function outcomeOf(binding: Binding, verdict: Verdict): OutcomeName {
  if (binding.state === 'active') return 'transactionAlreadySuccess'
  return verdict.outcome
}
