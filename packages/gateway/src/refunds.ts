import type { FastifyInstance } from 'fastify'
import type { AuthDeps } from './auth/authenticate.ts'
import { findCardToken } from './card-token/card-token.ts'
import type { DueWork } from './due-work.ts'
import type { Parts } from './gateway.ts'
import { newReferenceNo } from './payment/order.ts'
import { openPlaces } from './payment/places.ts'
import { findPayments } from './payment/store.ts'
import { claimRefund, findLack, settleRefund } from './refund/books.ts'
import { openRefundReconciler } from './refund/reconcile.ts'
import type { RefundDeps } from './refund/refund.ts'
import { addRefundRoutes as addRoutes } from './refund/routes.ts'
import { postponeRefund, takeDueRefunds } from './refund/store.ts'
import { isRequestUsed } from './request-id/request-ids.ts'

export function addRefundRoutes(app: FastifyInstance, auth: AuthDeps, parts: Parts): void {
  const { config, clock, metrics, vault, channels, seams } = parts
  const { sql } = parts.database
  addRoutes(app, auth, {
    ...refundDeps(parts),
    channels,
    find: (partnerId, names) => findPayments(sql, partnerId, names),
    findLack: (refund) => findLack(sql, refund),
    isKept: async (partnerId, bankCardToken) => {
      const kept = await findCardToken(sql, partnerId, bankCardToken)
      return kept?.state === 'active'
    },
    newReferenceNo: seams.newReferenceNo ?? newReferenceNo,
    digest: (text) => vault.digest('request', text),
    networkExpiryMs: config.networkExpiryMs,
    isUsed: (claimant) => isRequestUsed(sql, { ...claimant, operation: 'refund', claimedAt: clock.now() }),
    onRefund: metrics.countRefund,
    onNetwork: metrics.observeNetwork,
    places: openPlaces(config.partnerRefunds),
  })
}

/** What asks the network about refunds that were left open. */
export function openRefundInquiries(parts: Parts): DueWork {
  const { config, clock, log, metrics, channels, database } = parts
  return openRefundReconciler({
    clock,
    channels,
    settle: refundDeps(parts).settle,
    most: config.reconcileBatch,
    firstInquiryMs: config.firstInquiryMs,
    longestPauseMs: config.longestPauseMs,
    inquiryTimeoutMs: config.inquiryTimeoutMs,
    expiryMarginMs: config.expiryMarginMs,
    take: (now, most) => {
      const until = now + config.inquiryTimeoutMs + config.queryTimeoutMs
      return takeDueRefunds(database.sql, now, { until, most })
    },
    postpone: (due, until) => postponeRefund(database.sql, due, until),
    onSettled: ({ partnerId, refundNo }, { state }) => {
      metrics.countRefund(state)
      log.note('refund reconciled', { partner: partnerId, referenceNo: refundNo, state })
    },
    onFault: (error) => {
      metrics.countFault('refund-reconcile')
      log.fault('refund-reconcile', error)
    },
  })
}

function refundDeps({ config, clock, database }: Parts): RefundDeps {
  const { claimTimeoutMs, networkTimeoutMs, settleTimeoutMs, firstInquiryMs } = config
  // Not before the request itself has ended one way or the other, as a rule.
  const longestRequestMs = claimTimeoutMs + networkTimeoutMs + settleTimeoutMs
  return {
    clock,
    claim: (order) => claimRefund(database, order, order.refund.createdAt + longestRequestMs),
    settle: (settlement) => settleRefund(database, settlement),
    networkTimeoutMs,
    firstInquiryMs,
  }
}
