import type { Channel } from '../channels/channel.ts'
import type { Clock } from '../clock.ts'
import type { OpenPayment } from './payment.ts'
import { type PaymentAnswer, type PaymentDeps, settleAnswer } from './payment-host-to-host.ts'
import type { DuePayment, postpone } from './store.ts'
import { judge, NEVER_BOOKED } from './verdict.ts'

export interface ReconcilerDeps extends Pick<PaymentDeps, 'settle' | 'firstInquiryMs'> {
  readonly clock: Clock
  readonly channels: readonly Channel[]
  /** Takes at most so many payments that are due. */
  readonly take: (now: number, most: number) => Promise<readonly DuePayment[]>
  readonly postpone: (payment: OpenPayment, until: Parameters<typeof postpone>[2]) => Promise<void>
  /** Payments that are asked about at the same time. */
  readonly most: number
  readonly inquiryTimeoutMs: number
  /** After the charge's expiry the network gets this long, in milliseconds, for clocks that differ. */
  readonly expiryMarginMs: number
  readonly longestPauseMs: number
  /** How long, in milliseconds from the claim, a cardholder may confirm. */
  readonly confirmMs: number
  readonly onSettled?: (payment: DuePayment, answer: PaymentAnswer) => void
  readonly onFault: (error: unknown) => void
}

export interface Reconciler {
  /** Takes up what is due until nothing more is, and does not wait for the last answers. Rejects when nothing can be taken. */
  pass(signal?: AbortSignal): Promise<void>
  /** Resolves when no payment is being asked about any more. */
  idle(): Promise<void>
}

/** The network has said that it has this charge, and now says that it knows of none. */
class Forgotten extends Error {
  override readonly name = 'Forgotten'
}

/**
 * Asks the network about payments that are due and books what it says. It never charges and never guesses: without a
 * clear word the payment stays open and is asked about again, later and later. An inquiry that hangs holds one place
 * and nobody else.
 */
export function openReconciler(deps: ReconcilerDeps): Reconciler {
  const running = new Set<Promise<void>>()

  function start(payment: DuePayment): void {
    const work = resolve(deps, payment)
      .catch(deps.onFault)
      .finally(() => running.delete(work))
    running.add(work)
  }

  return {
    async pass(signal) {
      while (!signal?.aborted) {
        const free = deps.most - running.size
        const due = free > 0 ? await deps.take(deps.clock.now(), free) : []
        for (const payment of due) start(payment)
        if (due.length < free) return
        await Promise.race(running)
      }
    },
    async idle() {
      await Promise.all(running)
    },
  }
}

async function resolve(deps: ReconcilerDeps, payment: DuePayment): Promise<void> {
  const channel = deps.channels.find(({ name }) => name === payment.channel)
  if (channel === undefined) return later(deps, payment)
  const answer = await channel.inquire(payment, deps.inquiryTimeoutMs)

  if (answer.kind === 'not-found') {
    if (!payment.isAcknowledged && isExpired(deps, payment)) return book(deps, payment, NEVER_BOOKED)
    if (payment.isAcknowledged) deps.onFault(new Forgotten(payment.referenceNo))
    return unclear(deps, payment)
  }
  if (answer.kind === 'unresolved') return unclear(deps, payment, answer.networkCode)
  if (answer.kind === payment.state) return later(deps, payment)
  return book(deps, payment, judge(answer))
}

/** A claim whose process died before it could answer gets its 202 booked, so that a repeated request is told so. */
function unclear(deps: ReconcilerDeps, payment: DuePayment, networkCode?: string): Promise<void> {
  if (payment.state !== 'submitted') return later(deps, payment, networkCode)
  const answer = { kind: 'unresolved', cause: 'left open', ...(networkCode && { networkCode }) } as const
  return book(deps, payment, judge(answer))
}

/** By our clock and by the database's: one alone may have jumped ahead, and a charge in the air must not be reversed. */
function isExpired({ clock, expiryMarginMs }: ReconcilerDeps, payment: DuePayment): boolean {
  const databaseNow = payment.takenAt + (clock.shiftMs?.() ?? 0)
  return Math.min(clock.now(), databaseNow) > payment.expiresAt + expiryMarginMs
}

async function book(
  deps: ReconcilerDeps,
  payment: DuePayment,
  verdict: ReturnType<typeof judge>,
): Promise<void> {
  const answer = await settleAnswer(deps, payment, verdict)
  if (answer.fault !== undefined) deps.onFault(answer.fault)
  deps.onSettled?.(payment, answer)
}

/** Half as long again as before, so that a long silence costs few questions. */
async function later(deps: ReconcilerDeps, payment: DuePayment, networkCode?: string): Promise<void> {
  const pause = Math.min(deps.firstInquiryMs * 1.5 ** payment.inquiries, deps.longestPauseMs)
  const now = deps.clock.now()
  // A cardholder who let the time pass is known to the network at once, and to the partner a moment later.
  const confirmBy = payment.createdAt + deps.confirmMs + deps.expiryMarginMs
  const dueAt =
    payment.state === 'waiting' && confirmBy > now ? Math.min(now + pause, confirmBy) : now + pause
  await deps.postpone(payment, { dueAt, networkCode })
}
