import { setMaxListeners } from 'node:events'
import { wibDate } from '@gerbang/snap'
import { keyLoop } from './administration.ts'
import { reconcileDueBindings } from './bindings.ts'
import { openCancellations } from './cancellations.ts'
import { partitionLimits } from './config.ts'
import { keepPartitions } from './database/partitions.ts'
import type { DueWork } from './due-work.ts'
import type { Parts } from './gateway.ts'
import { forgetLeftovers } from './leftovers.ts'
import { openNotificationLoops } from './notifications.ts'
import { openReconciler } from './payment/reconcile.ts'
import { learn } from './payment/steps/settle.ts'
import { postpone, takeDuePayments } from './payment/store.ts'
import { openRefundInquiries } from './refunds.ts'
import { openUnbindings } from './unbindings.ts'

const PARTITIONS_EVERY_MS = 3_600_000
const LEFTOVERS_EVERY_MS = 3_600_000

/** Starts the loops of this process. Returns what stops them and waits for the last thing that they work on. */
export function startHousekeeping(parts: Parts): () => Promise<void> {
  const { config, clock } = parts
  const stop = new AbortController()
  // Each loop listens once: so many listeners are no leak.
  setMaxListeners(0, stop.signal)
  const works: readonly (Omit<Loop, 'pass'> & { readonly work: DueWork })[] = [
    { where: 'reconcile', everyMs: config.reconcileEveryMs, work: openReconcilerOf(parts) },
    { where: 'refund-reconcile', everyMs: config.reconcileEveryMs, work: openRefundInquiries(parts) },
    { where: 'cancellation', everyMs: config.reconcileEveryMs, work: openCancellations(parts) },
    { where: 'unbinding', everyMs: config.unbindingEveryMs, work: openUnbindings(parts) },
  ]
  const notifications = openNotificationLoops(parts, stop.signal)
  const bindings: Loop = {
    where: 'bindings',
    everyMs: config.reconcileEveryMs,
    pass: () => reconcileDueBindings(parts, stop.signal),
  }
  const partitions: Loop = {
    where: 'partitions',
    everyMs: PARTITIONS_EVERY_MS,
    pass: () => keepPartitions(parts.database.sql, wibDate(clock.now()), partitionLimits(config)),
  }
  const leftovers: Loop = {
    where: 'leftovers',
    everyMs: LEFTOVERS_EVERY_MS,
    pass: () =>
      // Request ids go a whole day at a time, and the earliest of a day stay longest.
      forgetLeftovers(
        parts.database.sql,
        { now: clock.now(), attemptDays: config.requestIdDays + 1 },
        stop.signal,
      ),
  }
  const loops = [
    ...works.map(({ work, ...about }) => ({ ...about, pass: () => work.pass(stop.signal) })),
    ...notifications.loops,
    bindings,
    partitions,
    leftovers,
    keyLoop(parts),
  ].map((one) => loop(parts, stop.signal, one))
  return async () => {
    stop.abort()
    await Promise.all(loops)
    await Promise.all(works.map(({ work }) => work.idle()))
    await notifications.close()
  }
}

export interface Loop {
  readonly where: string
  readonly everyMs: number
  readonly pass: () => Promise<unknown>
}

const LONGEST_BACK_OFF_MS = 30_000

/** A pass that fails is logged once and tried again, later each time: a database that is away is no reason to end. */
async function loop(parts: Parts, signal: AbortSignal, { where, everyMs, pass }: Loop): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    try {
      await pass()
      failures = 0
    } catch (error) {
      failures++
      parts.metrics.countFault(where)
      parts.log.fault(where, error)
    }
    const backOff = Math.min(500 * 2 ** failures, LONGEST_BACK_OFF_MS)
    await parts.clock.sleep(failures === 0 ? everyMs : backOff, signal)
  }
}

function openReconcilerOf(parts: Parts): DueWork {
  const { config, clock, log, metrics, channels, payment, database, steps } = parts
  return openReconciler({
    clock,
    channels,
    settle: payment.settle,
    most: config.reconcileBatch,
    firstInquiryMs: config.firstInquiryMs,
    longestPauseMs: config.longestPauseMs,
    confirmMs: config.confirmSeconds * 1000,
    learn: (due, asking) =>
      steps.transaction((sql) => learn(sql, steps, { payment: due, asking, now: clock.now() })),
    inquiryTimeoutMs: config.inquiryTimeoutMs,
    expiryMarginMs: config.expiryMarginMs,
    take: (now, most) => {
      const until = now + config.inquiryTimeoutMs + config.settleTimeoutMs
      return takeDuePayments(database.sql, now, { until, most })
    },
    postpone: (due, until) => postpone(database.sql, due, until),
    onSettled: ({ partnerId, referenceNo }, { state }) => {
      metrics.countPayment(state)
      log.note('reconciled', { partner: partnerId, referenceNo, state })
    },
    onFault: (error) => {
      metrics.countFault('reconcile')
      log.fault('reconcile', error)
    },
  })
}
