import { type OutcomeName, type Profile, SnapError, wibDate } from '@gerbang/snap'
import type { Channel, ChannelAnswer } from '../channels/channel.ts'
import { channelNamed } from '../channels/index.ts'
import type { Clock } from '../clock.ts'
import type { Sql } from '../database/pool.ts'
import { writeEvent } from '../outbox/outbox.ts'
import { eventOf as paymentEventOf } from '../payment/events.ts'
import { lockPayment, lookAfter, type StepDeps, settleSteppedWithin } from '../payment/steps/settle.ts'
import type { PaymentName, SteppedPayment } from '../payment/steps/stepped.ts'
import { judge, replyOf as paymentReplyOf, type Verdict } from '../payment/verdict.ts'
import { endWhole, holdWhole } from '../refund/whole.ts'
import type { StoredReply } from '../reply.ts'
import { type RequestName, replayOrConflict } from '../request-id/request-id.ts'
import { claimRequest, keepReply } from '../request-id/request-ids.ts'
import { type Cancellation, isOpen, type Standing } from './cancellation.ts'
import { eventOf } from './events.ts'
import { replyOf } from './replies.ts'
import {
  findLive,
  findStanding,
  insertCancellation,
  type Move,
  moveCancellation,
  reviveCancellation,
} from './store.ts'

export interface CancelDeps extends StepDeps {
  readonly clock: Clock
  readonly channels: readonly Channel[]
  readonly newReferenceNo: (now: number) => string
  readonly networkTimeoutMs: number
  /** When it is looked after if its request cannot, in milliseconds from the claim. */
  readonly longestRequestMs: number
  readonly firstInquiryMs: number
}

/** Who wants which payment called off. On the hosted page it is the customer, who has no request id and calls off no paid one. */
export interface CancelWish {
  readonly name: PaymentName
  readonly profile: Profile
  readonly reason: string
  readonly request?: (RequestName & { readonly fingerprint: Buffer }) | undefined
}

export interface CancelAnswer {
  readonly standing: Standing
  readonly reply: StoredReply
  /** Why what the network said could not be booked: the reply is then "in progress" and the loop finds the truth. */
  readonly fault?: unknown
}

/**
 * Service 57: calls a payment off, all of it. The wish is committed, and with it the whole amount held against refunds, before the
 * network hears of it; no transaction is open while the network thinks. Throws SnapError `invalidTransactionStatus` for a payment
 * that can be called off no more, `conflict` for a used request id or while somebody else calls it off.
 */
export async function cancelPayment(deps: CancelDeps, wish: CancelWish): Promise<CancelAnswer> {
  const claimed = await deps.transaction((sql) => claim(sql, deps, wish))
  if ('reply' in claimed) return claimed
  const { cancellation, dueAt } = claimed
  const answer = await askInTime(deps, cancellation, dueAt)
  return settleCancellation(deps, cancellation, answer).catch((fault) => ({
    ...inProgress(cancellation),
    fault,
  }))
}

function inProgress(cancellation: Cancellation): CancelAnswer {
  const standing = { state: 'submitted', outcome: 'requestInProgress', settledAt: undefined } as const
  return { standing, reply: replyOf(cancellation, standing) }
}

/** `dueAt`: from when on others look after it, in epoch milliseconds. */
type Claimed = { readonly cancellation: Cancellation; readonly dueAt: number } | CancelAnswer

/** A process that was held up since its claim must not call off what others may have found paid meanwhile. */
async function askInTime(
  deps: CancelDeps,
  cancellation: Cancellation,
  dueAt: number,
): Promise<ChannelAnswer> {
  if (deps.clock.now() >= dueAt) return { kind: 'unresolved', cause: 'too late to be sent' }
  return askToCancel(deps, cancellation)
}

async function claim(sql: Sql, deps: CancelDeps, wish: CancelWish): Promise<Claimed> {
  const { name, request, profile } = wish
  const { referenceNo } = name
  const first = request && (await claimRequest(sql, { ...request, referenceNo }))
  if (first !== undefined && first.kind !== 'new') {
    const standing = { state: 'unresolved', outcome: 'conflict', settledAt: undefined } as const
    return { standing, reply: replayOrConflict(first) }
  }
  const payment = await lockPayment(sql, name)
  const live = await findLive(sql, name)
  if (live !== undefined) return answerAgain(sql, { payment, live, request })
  const now = deps.clock.now()
  refuseUnlessOpen(payment, wish, now)
  if (!(await holdWhole(sql, payment))) throw new SnapError('invalidTransactionStatus')
  const cancellation: Cancellation = {
    partnerId: payment.partnerId,
    profile,
    cancelNo: deps.newReferenceNo(now),
    referenceNo,
    partnerReferenceNo: payment.partnerReferenceNo,
    channel: payment.channel,
    amountMinor: payment.amountMinor,
    externalId: request?.externalId,
    reason: wish.reason,
    // The request's own time says on which day its reply belongs.
    createdAt: request?.claimedAt ?? now,
  }
  const dueAt = now + deps.longestRequestMs
  await insertCancellation(sql, cancellation, dueAt)
  return { cancellation, dueAt }
}

/** What is called off already is called off: the same answer, whoever asks again. */
async function answerAgain(
  sql: Sql,
  about: { payment: SteppedPayment; live: Standing; request: CancelWish['request'] },
): Promise<CancelAnswer> {
  const { payment, live, request } = about
  if (isOpen(live.state)) throw new SnapError('conflict')
  const reply = replyOf(payment, live)
  return { standing: live, reply: request === undefined ? reply : await keepReply(sql, request, reply) }
}

function refuseUnlessOpen(payment: SteppedPayment, { request }: CancelWish, now: number): void {
  const { state, settledAt, step } = payment
  // A code that the bank is thinking about may pay, and what is paid is called off by the shop alone.
  const isTried = step?.trying !== undefined && now < (step.tryingUntil ?? 0)
  if (state === 'waiting' && isTried && request === undefined) throw new SnapError('conflict')
  if (state === 'waiting') return
  const isOfToday = settledAt !== undefined && wibDate(settledAt) === wibDate(now)
  if (state !== 'paid' || !isOfToday || request === undefined) throw new SnapError('invalidTransactionStatus')
}

/** Tells the network, or tells it again: the same names are answered alike. */
export async function askToCancel(
  { channels, networkTimeoutMs }: Pick<CancelDeps, 'channels' | 'networkTimeoutMs'>,
  { channel, referenceNo, amountMinor }: Cancellation,
): Promise<ChannelAnswer> {
  const cancellations = channelNamed(channels, channel)?.cancellations
  if (cancellations === undefined) return { kind: 'unresolved', cause: 'nobody to ask' }
  return cancellations.cancel({ referenceNo, amountMinor }, networkTimeoutMs)
}

/**
 * Books what the network said: the wish, its payment, the amount, events and stored replies in one commit. Safe to repeat. A wish that
 * was booked as refused and was on its way all the same is booked as done: the money has gone back.
 */
export function settleCancellation(
  deps: CancelDeps,
  cancellation: Cancellation,
  answer: ChannelAnswer,
): Promise<CancelAnswer> {
  const now = deps.clock.now()
  const move = moveOf(deps, cancellation, answer, now)
  return deps.transaction(async (sql) => {
    const payment = await lockPayment(sql, cancellation)
    const sequence =
      (await moveCancellation(sql, cancellation, move)) ??
      (await moveLate(sql, { cancellation, move, payment }))
    if (sequence !== undefined) {
      const isOfPaid = payment.state === 'paid'
      await settlePayment(sql, deps, { payment, answer, now })
      if (!isOpen(move.state) && (move.state === 'refused' || isOfPaid))
        await endWhole(sql, payment, move.state === 'cancelled')
      await writeEvent(sql, eventOf(cancellation, move, { sequence, isOfPaid }))
    }
    const standing = await findStanding(sql, cancellation)
    const reply = replyOf(cancellation, standing)
    const request = requestOf(cancellation)
    if (sequence !== undefined && request !== undefined) await keepReply(sql, request, reply)
    return { standing, reply }
  })
}

/** The number of its event, or undefined when the network's word is no news. */
async function moveLate(
  sql: Sql,
  about: { readonly cancellation: Cancellation; readonly move: Move; readonly payment: SteppedPayment },
): Promise<number | undefined> {
  const { cancellation, move, payment } = about
  if (move.state !== 'cancelled') return undefined
  const sequence = await reviveCancellation(sql, cancellation, move)
  if (sequence !== undefined && !(await holdWhole(sql, payment))) throw new Contradiction()
  return sequence
}

/** The bank has given back all of a payment of which something is being refunded. */
class Contradiction extends Error {
  override readonly name = 'Contradiction'
}

function moveOf(deps: CancelDeps, { channel }: Cancellation, answer: ChannelAnswer, now: number): Move {
  const networkCode = 'networkCode' in answer ? answer.networkCode : undefined
  const about = { networkCode, now, dueAt: now + deps.firstInquiryMs }
  if (answer.kind === 'reversed') return { ...about, state: 'cancelled', outcome: 'successful' }
  if (answer.kind === 'unresolved') {
    const outcome: OutcomeName = channelNamed(deps.channels, channel)?.profile.silence ?? 'requestInProgress'
    return { ...about, state: 'unresolved', outcome }
  }
  // The charge stands as it did, and the network says so.
  const outcome = answer.kind === 'declined' ? answer.outcome : 'invalidTransactionStatus'
  return { ...about, state: 'refused', outcome }
}

const CALLED_OFF: Verdict = {
  state: 'reversed',
  outcome: 'transactionCancelled',
  networkReferenceNo: undefined,
  networkCode: undefined,
}

/** A payment that was open ends by the network's word; after any other it is asked about at once. */
async function settlePayment(
  sql: Sql,
  deps: CancelDeps,
  { payment, answer, now }: { payment: SteppedPayment; answer: ChannelAnswer; now: number },
): Promise<void> {
  const verdict = answer.kind === 'reversed' ? CALLED_OFF : answer.kind === 'paid' ? judge(answer) : undefined
  if (verdict === undefined) return answer.kind === 'declined' ? lookAfter(sql, payment, now) : undefined
  if (payment.state === 'paid') return
  await settleSteppedWithin(sql, deps, {
    payment,
    verdict,
    reply: paymentReplyOf(payment, verdict.outcome),
    event: paymentEventOf(payment, verdict, now),
    now,
    dueAt: now + deps.firstInquiryMs,
  })
}

function requestOf({ partnerId, externalId, createdAt }: Cancellation): RequestName | undefined {
  if (externalId === undefined) return undefined
  return { partnerId, externalId, operation: 'cancel', claimedAt: createdAt }
}
