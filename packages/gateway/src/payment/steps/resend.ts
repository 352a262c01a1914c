import { type OutcomeName, SnapError } from '@gerbang/snap'
import type { ConfirmAnswer } from '../../channels/channel.ts'
import { channelNamed } from '../../channels/index.ts'
import type { Sql } from '../../database/pool.ts'
import {
  claimOtpRequest,
  findLostRequest,
  outcomeOfLost,
  refusedCode,
  resendsLeft,
  type StandingCode,
} from '../../otp-request/otp-request.ts'
import type { StoredReply } from '../../reply.ts'
import { type AskedRequest, claimOrReplay, keepSealed, type Rebuilt } from '../../request-id/sealed-reply.ts'
import { judge } from '../verdict.ts'
import { book, type Confirmation, type ConfirmDeps } from './confirm.ts'
import { standingOutcome } from './outcome.ts'
import { resendReply } from './replies.ts'
import { learn } from './settle.ts'
import type { PaymentName, PaymentStep, SteppedPayment } from './stepped.ts'
import { lockStepped, lookAfter, writeCode } from './store.ts'

export interface ResendDeps extends ConfirmDeps {
  /** How long after one code the next may be asked for, in milliseconds. */
  readonly resendPauseMs: number
}

export interface Wish {
  readonly name: PaymentName
  readonly request?: AskedRequest | undefined
}

/**
 * Another code for a payment, and the one before is dead. Counted before the network is asked, and whatever it says: nobody asks it
 * without end. A request whose process has died is told what came of it. Throws SnapError `invalidTransactionStatus` when no code
 * is waited for, `activityCountLimitExceeded` after the third, `tooManyRequests` with the seconds to wait when the last one was
 * asked for a moment ago, `conflict` for a used request id or while a code is being tried.
 */
export async function resendCode(deps: ResendDeps, wish: Wish): Promise<Confirmation> {
  const claimed = await deps.transaction((sql) => claimResend(sql, deps, wish))
  if ('reply' in claimed) return { ...claimed, outcome: 'conflict' }
  const { payment, asked } = claimed
  const answer = await ask(deps, payment)
  return settleResend(deps, wish, { before: payment, asked, answer }).catch((fault) => ({
    payment,
    outcome: 'requestInProgress' as const,
    reply: resendReply(payment, 'requestInProgress'),
    fault,
  }))
}

type Claimed =
  | { readonly payment: SteppedPayment; readonly asked: StandingCode }
  | { readonly payment: SteppedPayment; readonly reply: StoredReply }

async function claimResend(sql: Sql, deps: ResendDeps, { name, request }: Wish): Promise<Claimed> {
  const { referenceNo } = name
  const reply =
    request &&
    (await claimOrReplay(sql, deps.vault, { ...request, referenceNo }, (claimedFor) =>
      rebuild(sql, deps, { ...name, referenceNo: claimedFor }, request.externalId),
    ))
  const payment = await lockStepped(sql, name)
  if (reply !== undefined) return { payment, reply }
  const now = deps.clock.now()
  const step = openStep(deps, payment, now)
  const wish = { before: step, externalId: request?.externalId, now }
  const asked = await claimOtpRequest(sql, ownerOf(name), wish)
  await writeCode(sql, name, asked)
  await lookAfter(sql, name, now + deps.longestRequestMs)
  return { payment, asked }
}

/** What a request is told whose process has died; undefined while it may still be asking. */
async function rebuild(
  sql: Sql,
  deps: ResendDeps,
  name: PaymentName,
  externalId: string,
): Promise<Rebuilt | undefined> {
  const payment = await lockStepped(sql, name)
  const now = deps.clock.now()
  const { longestRequestMs } = deps
  const asked = await findLostRequest(sql, ownerOf(name), { externalId, now, longestRequestMs })
  if (asked === undefined) return undefined
  const { state, step } = payment
  const isAtCode = state === 'waiting' && step?.step === 'otp'
  const outcome = isAtCode ? outcomeOfLost(asked, step, now) : refusalOf(payment)
  return { reply: resendReply(payment, outcome), isFinal: outcome !== 'requestInProgress' }
}

function ownerOf({ partnerId, referenceNo }: PaymentName) {
  return { kind: 'payment', partnerId, referenceNo } as const
}

/** What is told of a payment that waits for no password any more. */
function refusalOf(payment: SteppedPayment): OutcomeName {
  if (payment.state === 'paid') return 'transactionAlreadySuccess'
  return payment.state === 'waiting' ? 'invalidTransactionStatus' : standingOutcome(payment)
}

function openStep(deps: ResendDeps, payment: SteppedPayment, now: number): PaymentStep {
  const { state, step, confirmBy } = payment
  if (state !== 'waiting' || step?.step !== 'otp' || payment.isCancelling || now >= confirmBy)
    throw new SnapError('invalidTransactionStatus')
  if (step.trying !== undefined && now < (step.tryingUntil ?? 0)) throw new SnapError('conflict')
  const isFirstAskedFor =
    channelNamed(deps.channels, payment.channel)?.profile.binding?.isOtpAskedFor ?? false
  if (resendsLeft(step, isFirstAskedFor) === 0) throw new SnapError('activityCountLimitExceeded')
  const waitMs = step.otpSentAt === undefined ? 0 : step.otpSentAt + deps.resendPauseMs - now
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
  /** What was known of its code from then on. */
  readonly asked: StandingCode
  readonly answer: ConfirmAnswer
}

function settleResend(deps: ResendDeps, { name, request }: Wish, heard: Heard): Promise<Confirmation> {
  return deps.transaction(async (sql) => {
    const standing = await lockStepped(sql, name)
    await bookResend(sql, deps, standing, heard)
    const payment = await lockStepped(sql, name)
    const outcome = outcomeOf(payment, heard)
    const reply = resendReply(payment, outcome)
    const told = request === undefined ? reply : await keepSealed(sql, deps.vault, request, reply)
    return { payment, outcome, reply: told }
  })
}

async function bookResend(
  sql: Sql,
  deps: ResendDeps,
  standing: SteppedPayment,
  { before, asked, answer }: Heard,
): Promise<void> {
  const now = deps.clock.now()
  const isMine = standing.state === 'waiting' && standing.step?.otpRequests === asked.otpRequests
  if (answer.kind === 'paid' || answer.kind === 'reversed')
    return book(sql, deps, { payment: standing, verdict: judge(answer) })
  if (!isMine) return
  if (answer.kind === 'waiting' && !isRefused(before, answer))
    return learn(sql, deps, { payment: standing, asking: answer, now })
  // Nothing else says that a code is on its way, nor what the charge has come to: that is asked.
  await lookAfter(sql, standing, now)
  const isUnsent = answer.kind === 'declined' || isRefused(before, answer)
  if (isUnsent && before.step !== undefined) await writeCode(sql, standing, refusedCode(before.step, asked))
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
