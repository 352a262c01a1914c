import { wibDate } from '@gerbang/snap'
import { keepPartitions } from './database/partitions.ts'
import type { Parts } from './gateway.ts'
import { openReconciler, type Reconciler } from './payment/reconcile.ts'
import { postpone, takeDuePayments } from './payment/store.ts'
import { openUnbindings } from './unbindings.ts'

const PARTITIONS_EVERY_MS = 3_600_000

/** Starts the loops of this process: reconciling, unbinding, keeping partitions. Returns what stops them and waits for the last inquiry. */
export function startHousekeeping(parts: Parts): () => Promise<void> {
  const { config, clock } = parts
  const stop = new AbortController()
  const reconciler = openReconcilerOf(parts)
  const unbindings = openUnbindings(parts)
  const loops = [
    loop(parts, stop.signal, {
      where: 'reconcile',
      everyMs: config.reconcileEveryMs,
      pass: () => reconciler.pass(stop.signal),
    }),
    loop(parts, stop.signal, {
      where: 'unbinding',
      everyMs: config.unbindingEveryMs,
      pass: () => unbindings.pass(stop.signal),
    }),
    loop(parts, stop.signal, {
      where: 'partitions',
      everyMs: PARTITIONS_EVERY_MS,
      pass: () =>
        keepPartitions(parts.database.sql, wibDate(clock.now()), {
          aheadDays: config.partitionDays,
          keepDays: config.requestIdDays,
        }),
    }),
  ]
  return async () => {
    stop.abort()
    await Promise.all(loops)
    await Promise.all([reconciler.idle(), unbindings.idle()])
  }
}

interface Loop {
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

function openReconcilerOf({ config, clock, log, metrics, channels, payment, database }: Parts): Reconciler {
  return openReconciler({
    clock,
    channels,
    settle: payment.settle,
    most: config.reconcileBatch,
    firstInquiryMs: config.firstInquiryMs,
    longestPauseMs: config.longestPauseMs,
    confirmMs: config.confirmSeconds * 1000,
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
