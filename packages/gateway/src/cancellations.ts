import type { FastifyInstance } from 'fastify'
import type { AuthDeps } from './auth/authenticate.ts'
import type { CancelDeps } from './cancellation/cancel.ts'
import { openCanceller } from './cancellation/canceller.ts'
import { addCancelRoutes as addRoutes } from './cancellation/routes.ts'
import { claimCancellationAlert, postponeCancellation, takeDueCancellations } from './cancellation/store.ts'
import type { DueWork } from './due-work.ts'
import type { Parts } from './gateway.ts'
import { newReferenceNo } from './payment/order.ts'
import { findPayments } from './payment/store.ts'
import { codeDeps } from './payment-steps.ts'
import { isRequestUsed } from './request-id/request-ids.ts'

/** Calling payments off. */
export function addCancelRoutes(app: FastifyInstance, auth: AuthDeps, parts: Parts): void {
  const { clock, vault, database } = parts
  const { sql } = database
  addRoutes(app, auth, {
    ...cancelDeps(parts),
    find: (partnerId, names) => findPayments(sql, partnerId, names),
    digest: (text) => vault.digest('request', text),
    isUsed: (claimant) => isRequestUsed(sql, { ...claimant, operation: 'cancel', claimedAt: clock.now() }),
  })
}

/** What tells the network again of cancellations that were left open. */
export function openCancellations(parts: Parts): DueWork {
  const { config, log, metrics, database } = parts
  return openCanceller({
    ...cancelDeps(parts),
    most: config.reconcileBatch,
    longestPauseMs: config.longestPauseMs,
    take: (now, most) => {
      const until = now + config.networkTimeoutMs + config.queryTimeoutMs
      return takeDueCancellations(database.sql, now, { until, most })
    },
    postpone: (due, dueAt) => postponeCancellation(database.sql, due, dueAt),
    alertMs: config.cancellationAlertSeconds * 1000,
    claimAlert: (due, at) => claimCancellationAlert(database.sql, due, at),
    onOverdue: ({ partnerId, referenceNo, cancelNo, channel, inquiries: tries }, cause) => {
      metrics.countOverdueCancellation()
      log.alert('cancellation overdue', { partner: partnerId, referenceNo, cancelNo, channel, tries, cause })
    },
    onSettled: ({ partnerId, referenceNo }, { standing }) =>
      log.note('cancellation reconciled', { partner: partnerId, referenceNo, state: standing.state }),
    onFault: (error) => {
      metrics.countFault('cancellation')
      log.fault('cancellation', error)
    },
  })
}

export function cancelDeps(parts: Parts): CancelDeps {
  return { ...codeDeps(parts), newReferenceNo: parts.seams.newReferenceNo ?? newReferenceNo }
}
