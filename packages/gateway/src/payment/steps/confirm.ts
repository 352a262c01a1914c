import { type OutcomeName, SnapError } from '@gerbang/snap'
import type { Channel, ConfirmAnswer, Step } from '../../channels/channel.ts'
import { channelNamed } from '../../channels/index.ts'
import type { Clock } from '../../clock.ts'
import type { Sql } from '../../database/pool.ts'
import type { StoredReply } from '../../reply.ts'
import { type AskedRequest, claimOrReplay, keepSealed } from '../../request-id/sealed-reply.ts'
import type { Secret } from '../../secret.ts'
import { eventOf } from '../events.ts'
import { predecessorsOfTried } from '../states.ts'
import { judge, replyOf, type Verdict } from '../verdict.ts'
import { standingOutcome } from './outcome.ts'
import { verificationReply } from './replies.ts'
import { learn, type StepDeps, settleSteppedWithin } from './settle.ts'
import { MOST_ATTEMPTS, type PaymentName, type PaymentStep, type SteppedPayment } from './stepped.ts'
import { claimAttempt, endAttempt, findAttempt, killCode, lockStepped } from './store.ts'

export interface ConfirmDeps extends StepDeps {
  readonly clock: Clock
  readonly channels: readonly Channel[]
  readonly networkTimeoutMs: number
  /** When a payment is looked after if the request about its code cannot, in milliseconds from the claim. */
  readonly longestRequestMs: number
  readonly firstInquiryMs: number
}

/** A code that somebody tries on a payment; a hosted page has no request id. */
export interface Trial {
  readonly name: PaymentName
  /** `otp` unless said. */
  readonly step?: Exclude<Step, 'app'>
  readonly code: Secret
  readonly request?: AskedRequest | undefined
}

export interface Confirmation {
  readonly payment: SteppedPayment
  readonly outcome: OutcomeName
  readonly reply: StoredReply
  readonly fault?: unknown
}

/**
 * A code for a payment that waits for it. The attempt is written down before the network is asked, so that no number of processes
 * tries more than five in a step; no transaction is open while the network thinks. Throws SnapError for what needs no network: a
 * payment that waits for no code, a dead code, one that is known to be wrong, a used request id, `conflict` while the network is
 * asked about another code.
 */
export async function confirmPayment(deps: ConfirmDeps, trial: Trial): Promise<Confirmation> {
  const claimed = await deps.transaction((sql) => claimCode(sql, deps, trial))
  if ('reply' in claimed) return { ...claimed, outcome: 'conflict' }
  const { payment, step, attempt } = claimed
  const answer = await ask(deps, claimed, trial.code)
  const heard: Heard = { step, attempt, answer, request: trial.request }
  return settleConfirmation(deps, trial.name, heard).catch((fault) => ({
    payment,
    outcome: 'requestInProgress' as const,
    reply: verificationReply(payment, 'requestInProgress'),
    fault,
  }))
}

interface Claimed {
  readonly payment: SteppedPayment
  readonly step: Exclude<Step, 'app'>
  readonly attempt: number
}

type ClaimedOrNot = Claimed | { readonly payment: SteppedPayment; readonly reply: StoredReply }

async function claimCode(sql: Sql, deps: ConfirmDeps, trial: Trial): Promise<ClaimedOrNot> {
  const { name, code, request } = trial
  const { referenceNo } = name
  const reply = request && (await claimOrReplay(sql, deps.vault, { ...request, referenceNo }))
  const payment = await lockStepped(sql, name)
  if (reply !== undefined) return { payment, reply }
  const now = deps.clock.now()
  const { step, standing } = openStep(payment)
  // A password that comes late must not be tried as a PIN, and no PIN comes by the partner's way.
  if (step !== (trial.step ?? 'otp')) throw new SnapError('invalidTransactionStatus')
  // A new code has a life of its own: what was wrong before may be right now.
  const text = `${name.partnerId}|${referenceNo}|${step}|${standing.resends}|${code.reveal()}`
  const codeLookup = deps.vault.digest('payment-code', text)
  const known = await findAttempt(sql, name, { step, codeLookup })
  // A code whose answer was lost is asked about under the same number, and the network counts it once.
  const attempt = known?.attempt ?? standing.attempts + 1
  // First of all: whoever is told that time or tries are over is told that nothing was paid.
  if (!isBeingTried(payment, { standing, attempt, isKnown: known !== undefined }))
    refuseLate(payment, standing, now)
  if (isCodeUnsent(deps, payment, standing)) throw new SnapError('needToRequestOtp')
  if (known?.isWrong) throw new SnapError('invalidOtp')
  if (known === undefined && standing.attempts >= MOST_ATTEMPTS) throw new SnapError('otpBlocked')
  await claimAttempt(sql, name, {
    step,
    attempt,
    codeLookup,
    externalId: request?.externalId,
    // The request's own time says on which day its reply belongs: between the two a day may have ended.
    triedAt: request?.claimedAt ?? now,
    until: now + deps.longestRequestMs,
  })
  return { payment, step, attempt }
}

/** The step that a code is for. Throws SnapError when none is waited for, or not any more. */
function openStep(payment: SteppedPayment): { step: Exclude<Step, 'app'>; standing: PaymentStep } {
  const { state, step: standing } = payment
  if (state === 'paid') throw new SnapError('transactionAlreadySuccess')
  if (state === 'declined' || state === 'reversed') throw new SnapError(standingOutcome(payment))
  if (state === 'submitted' || standing === undefined) throw new SnapError('conflict')
  const { step } = standing
  if (step === 'app' || payment.isCancelling) throw new SnapError('invalidTransactionStatus')
  return { step, standing }
}

/** Whether the customer cannot have a code, as nobody has asked for it. */
function isCodeUnsent(
  { channels }: ConfirmDeps,
  { channel }: SteppedPayment,
  standing: PaymentStep,
): boolean {
  const isAskedFor = channelNamed(channels, channel)?.profile.binding?.isOtpAskedFor ?? false
  return isAskedFor && standing.step === 'otp' && standing.otpSentAt === undefined
}

function refuseLate({ confirmBy }: SteppedPayment, standing: PaymentStep, now: number): void {
  const { step, otpExpiresAt = Number.POSITIVE_INFINITY } = standing
  if (now >= confirmBy) throw new SnapError('transactionExpired')
  if (step === 'otp' && now >= otpExpiresAt) throw new SnapError('otpLifetimeExpired')
}

/** Whether it is this very code of which nobody knows yet what became. Throws SnapError while it is another one. */
function isBeingTried(
  { state }: SteppedPayment,
  about: { standing: PaymentStep; attempt: number; isKnown: boolean },
): boolean {
  const { standing, attempt, isKnown } = about
  // Also when its process has died: the next word of the network on the charge ends it.
  const isTried = standing.trying !== undefined
  const isOtherTried = isTried && standing.trying !== attempt
  if (isOtherTried || (state === 'unresolved' && !isKnown)) throw new SnapError('conflict')
  return isTried || state === 'unresolved'
}

function ask(deps: ConfirmDeps, { payment, step, attempt }: Claimed, code: Secret): Promise<ConfirmAnswer> {
  const { channel, referenceNo, amountMinor } = payment
  const confirmations = channelNamed(deps.channels, channel)?.confirmations
  if (confirmations === undefined) throw new SnapError('requestedFunctionIsNotSupported')
  return confirmations.confirm({ referenceNo, amountMinor, step, attempt, code }, deps.networkTimeoutMs)
}

/** What the network said, and about which code. */
export interface Heard {
  readonly step: Exclude<Step, 'app'>
  readonly attempt: number
  readonly answer: ConfirmAnswer
  readonly request: AskedRequest | undefined
}

/** Books the answer about a code: state, event and stored replies in one commit. Safe to repeat. */
export function settleConfirmation(
  deps: ConfirmDeps,
  name: PaymentName,
  heard: Heard,
): Promise<Confirmation> {
  return deps.transaction(async (sql) => {
    const before = await lockStepped(sql, name)
    await bookAnswer(sql, deps, before, heard)
    const payment = await lockStepped(sql, name)
    const outcome = outcomeOf(payment, heard.answer)
    const reply = verificationReply(payment, outcome)
    const { request } = heard
    const told = request === undefined ? reply : await keepSealed(sql, deps.vault, request, reply)
    return { payment, outcome, reply: told, ...contradiction(before, heard.answer) }
  })
}

async function bookAnswer(
  sql: Sql,
  deps: ConfirmDeps,
  before: SteppedPayment,
  { step, attempt, answer }: Heard,
): Promise<void> {
  const isWrong = answer.kind === 'wrong-code'
  await endAttempt(sql, before, { step, attempt, isWrong })
  if (answer.kind === 'code-expired') await killCode(sql, before, deps.clock.now())
  const verdict = verdictOf(answer)
  if (verdict.state !== 'waiting' || before.state !== 'waiting')
    return book(sql, deps, { payment: before, verdict })
  if (answer.kind === 'waiting')
    await learn(sql, deps, { payment: before, asking: answer, now: deps.clock.now() })
}

/** Books a verdict on a payment whose customer was asked for a code: its silence may follow a wait. */
export async function book(
  sql: Sql,
  deps: ConfirmDeps,
  { payment, verdict }: { readonly payment: SteppedPayment; readonly verdict: Verdict },
): Promise<void> {
  const now = deps.clock.now()
  await settleSteppedWithin(sql, deps, {
    payment,
    verdict,
    reply: replyOf(payment, verdict.outcome),
    event: eventOf(payment, verdict, now),
    now,
    dueAt: now + deps.firstInquiryMs,
    from: predecessorsOfTried(verdict.state),
  })
}

const OF_CODES = {
  'wrong-code': 'invalidOtp',
  'code-expired': 'otpLifetimeExpired',
  'code-wanted': 'needToRequestOtp',
} as const satisfies Partial<Record<ConfirmAnswer['kind'], OutcomeName>>

type OfCode = Extract<ConfirmAnswer, { kind: keyof typeof OF_CODES }>

function isOfCode(answer: ConfirmAnswer): answer is OfCode {
  return Object.hasOwn(OF_CODES, answer.kind)
}

/** What is said of the code alone says that the charge still waits for one. */
function verdictOf(answer: ConfirmAnswer): Verdict {
  if (!isOfCode(answer)) return judge(answer)
  const { networkCode } = answer
  return { state: 'waiting', outcome: 'requestInProgress', networkReferenceNo: undefined, networkCode }
}

function outcomeOf(payment: SteppedPayment, answer: ConfirmAnswer): OutcomeName {
  if (payment.state !== 'waiting') return standingOutcome(payment)
  return isOfCode(answer) ? OF_CODES[answer.kind] : 'requestInProgress'
}

/** The money moved for the network and not for our books, or the other way round, and nobody called it off. */
function contradiction({ state, isCancelling }: SteppedPayment, { kind }: ConfirmAnswer): { fault?: Error } {
  const isPaidLate = kind === 'paid' && (state === 'declined' || state === 'reversed') && !isCancelling
  const isLostLate = kind === 'declined' && state === 'paid'
  return isPaidLate || isLostLate ? { fault: new Contradiction(`${kind} after ${state}`) } : {}
}

class Contradiction extends Error {
  override readonly name = 'Contradiction'
}
