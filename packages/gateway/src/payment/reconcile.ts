import type { Channel } from '../channels/channel.ts'
import type { Clock } from '../clock.ts'
import type { OpenPayment } from './payment.ts'
import { type PaymentAnswer, type PaymentDeps, settleAnswer } from './payment-host-to-host.ts'
import type { DuePayment } from './store.ts'
import { judge, NEVER_BOOKED } from './verdict.ts'

export interface ReconcileDeps extends Pick<PaymentDeps, 'settle' | 'firstInquiryMs'> {
  readonly clock: Clock
  readonly channels: readonly Channel[]
  readonly take: (now: number) => Promise<readonly DuePayment[]>
  readonly postpone: (payment: OpenPayment, dueAt: number) => Promise<void>
  readonly inquiryTimeoutMs: number
  /** After the charge's expiry the network gets this long, in milliseconds, for clocks that differ. */
  readonly expiryMarginMs: number
  readonly longestPauseMs: number
}

export interface ReconcilePass {
  readonly taken: number
  readonly settled: number
}

/**
 * One pass over the payments that are due: asks the network about each and books what it says. It never charges and
 * never guesses: without a clear word the payment stays open and is asked about again, later and later.
 */
export async function reconcile(deps: ReconcileDeps): Promise<ReconcilePass> {
  const due = await deps.take(deps.clock.now())
  const results = await Promise.allSettled(due.map((payment) => resolve(deps, payment)))
  const faults = results.map((result) => (result.status === 'rejected' ? result.reason : result.value?.fault))
  const fault = faults.find((found) => found !== undefined)
  if (fault !== undefined) throw fault
  const settled = results.filter(
    (result) => result.status === 'fulfilled' && result.value !== undefined,
  ).length
  return { taken: due.length, settled }
}

async function resolve(deps: ReconcileDeps, payment: DuePayment): Promise<PaymentAnswer | undefined> {
  const channel = deps.channels.find(({ name }) => name === payment.channel)
  if (channel === undefined) return later(deps, payment)
  const answer = await channel.inquire(payment.referenceNo, AbortSignal.timeout(deps.inquiryTimeoutMs))

  if (answer.kind === 'not-found') {
    // A network that once said "waiting" has the charge: its forgetting is a fault to look at, not a reversal.
    const isTooLate =
      deps.clock.now() > payment.expiresAt + deps.expiryMarginMs && payment.state !== 'waiting'
    return isTooLate ? settleAnswer(deps, payment, NEVER_BOOKED) : unclear(deps, payment)
  }
  if (answer.kind === 'unresolved') return unclear(deps, payment)
  if (answer.kind === payment.state) return later(deps, payment)
  return settleAnswer(deps, payment, judge(answer))
}

/** A claim whose process died before it could answer gets its 202 booked, so that a repeated request is told so. */
async function unclear(deps: ReconcileDeps, payment: DuePayment): Promise<PaymentAnswer | undefined> {
  if (payment.state !== 'submitted') return later(deps, payment)
  return settleAnswer(deps, payment, judge({ kind: 'unresolved', cause: 'left open' }))
}

/** Half as long again as before, so that a long silence costs few questions. */
async function later(deps: ReconcileDeps, payment: DuePayment): Promise<undefined> {
  const pause = Math.min(deps.firstInquiryMs * 1.5 ** payment.inquiries, deps.longestPauseMs)
  await deps.postpone(payment, deps.clock.now() + pause)
}
