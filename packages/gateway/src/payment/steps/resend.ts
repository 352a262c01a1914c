import { type OutcomeName, SnapError } from '@gerbang/snap'
import type { ConfirmAnswer } from '../../channels/channel.ts'
import { channelNamed } from '../../channels/index.ts'
import type { Sql } from '../../database/pool.ts'
import type { StoredReply } from '../../reply.ts'
import { type AskedRequest, claimOrReplay, keepSealed } from '../../request-id/sealed-reply.ts'
import { judge } from '../verdict.ts'
import { book, type Confirmation, type ConfirmDeps } from './confirm.ts'
import { standingOutcome } from './outcome.ts'
import { resendReply } from './replies.ts'
import { learn } from './settle.ts'
import { MOST_RESENDS, type PaymentName, type PaymentStep, type SteppedPayment } from './stepped.ts'
import { lockStepped, lookAfter, writeResend } from './store.ts'

export interface ResendDeps extends ConfirmDeps {
  /** How long after one code the next may be asked for, in milliseconds. */
  readonly resendPauseMs: number
}

export interface Wish {
  readonly name: PaymentName
  readonly request?: AskedRequest | undefined
}

/**
 * Another code for a payment, and the one before is dead. Counted before the network is asked. Throws SnapError
 * `invalidTransactionStatus` when no code is waited for, `activityCountLimitExceeded` after the third, `tooManyRequests` with the
 * seconds to wait when the last one was asked for a moment ago, `conflict` for a used request id or while a code is being tried.
 */
export async function resendCode(deps: ResendDeps, wish: Wish): Promise<Confirmation> {
  const claimed = await deps.transaction((sql) => claimResend(sql, deps, wish))
  if ('reply' in claimed) return { ...claimed, outcome: 'conflict' }
  const { payment } = claimed
  const answer = await ask(deps, payment)
  return settleResend(deps, wish, { before: payment, answer }).catch((fault) => ({
    payment,
    outcome: 'requestInProgress' as const,
    reply: resendReply(payment, 'requestInProgress'),
    fault,
  }))
}

type Claimed =
  | { readonly payment: SteppedPayment }
  | { readonly payment: SteppedPayment; readonly reply: StoredReply }

async function claimResend(sql: Sql, deps: ResendDeps, { name, request }: Wish): Promise<Claimed> {
  const { referenceNo } = name
  const reply = request && (await claimOrReplay(sql, deps.vault, { ...request, referenceNo }))
  const payment = await lockStepped(sql, name)
  if (reply !== undefined) return { payment, reply }
  const now = deps.clock.now()
  const { resends } = openStep(payment, { now, pauseMs: deps.resendPauseMs })
  await writeResend(sql, name, { resends: resends + 1, otpSentAt: now, otpExpiresAt: undefined })
  await lookAfter(sql, name, now + deps.longestRequestMs)
  return { payment }
}

function openStep(payment: SteppedPayment, { now, pauseMs }: { now: number; pauseMs: number }): PaymentStep {
  const { state, step, confirmBy } = payment
  if (state !== 'waiting' || step?.step !== 'otp' || payment.isCancelling || now >= confirmBy)
    throw new SnapError('invalidTransactionStatus')
  if (step.trying !== undefined && now < (step.tryingUntil ?? 0)) throw new SnapError('conflict')
  if (step.resends >= MOST_RESENDS) throw new SnapError('activityCountLimitExceeded')
  const waitMs = step.otpSentAt === undefined ? 0 : step.otpSentAt + pauseMs - now
  if (waitMs > 0) throw new SnapError('tooManyRequests', { retryAfterSeconds: Math.ceil(waitMs / 1000) })
  return step
}

function ask(
  deps: ResendDeps,
  { channel, referenceNo, amountMinor }: SteppedPayment,
): Promise<ConfirmAnswer> {
  const confirmations = channelNamed(deps.channels, channel)?.confirmations
  if (confirmations === undefined) throw new SnapError('requestedFunctionIsNotSupported')
  return confirmations.resendOtp({ referenceNo, amountMinor }, deps.networkTimeoutMs)
}

interface Heard {
  /** As it stood before another code was asked for. */
  readonly before: SteppedPayment
  readonly answer: ConfirmAnswer
}

function settleResend(deps: ResendDeps, { name, request }: Wish, heard: Heard): Promise<Confirmation> {
  return deps.transaction(async (sql) => {
    const standing = await lockStepped(sql, name)
    await bookResend(sql, deps, standing, heard)
    const payment = await lockStepped(sql, name)
    const outcome = outcomeOf(payment, heard)
    const reply = resendReply(payment, outcome)
    if (request !== undefined) await keepSealed(sql, deps.vault, request, reply)
    return { payment, outcome, reply }
  })
}

async function bookResend(
  sql: Sql,
  deps: ResendDeps,
  standing: SteppedPayment,
  { before, answer }: Heard,
): Promise<void> {
  const now = deps.clock.now()
  const isMine = standing.state === 'waiting' && standing.step?.resends === (before.step?.resends ?? 0) + 1
  if (answer.kind === 'paid' || answer.kind === 'reversed')
    return book(sql, deps, { payment: standing, verdict: judge(answer) })
  if (!isMine) return
  if (answer.kind === 'waiting' && !isRefused(before, answer))
    return learn(sql, deps, { payment: standing, asking: answer, now })
  // Nothing else says that a code is on its way, nor what the charge has come to: that is asked.
  await lookAfter(sql, standing, now)
  const isUnsent = answer.kind === 'declined' || isRefused(before, answer)
  if (isUnsent && before.step !== undefined) await writeResend(sql, standing, before.step)
}

/** The charge waits for the same code as before: no new one is on its way. */
function isRefused({ step }: SteppedPayment, answer: ConfirmAnswer): boolean {
  return (
    answer.kind === 'waiting' &&
    answer.step === 'otp' &&
    step !== undefined &&
    answer.otpExpiresAt === step.otpExpiresAt
  )
}

function outcomeOf(payment: SteppedPayment, { before, answer }: Heard): OutcomeName {
  if (payment.state === 'paid') return 'transactionAlreadySuccess'
  if (payment.state !== 'waiting') return standingOutcome(payment)
  if (answer.kind === 'declined') return answer.outcome
  if (isRefused(before, answer)) return 'tooManyRequests'
  return answer.kind === 'waiting' ? 'successful' : 'requestInProgress'
}
