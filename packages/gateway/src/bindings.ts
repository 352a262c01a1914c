import type { FastifyInstance } from 'fastify'
import type { AuthDeps } from './auth/authenticate.ts'
import type { BindingName } from './binding/binding.ts'
import { bindingPage } from './binding/hosted/binding-page.ts'
import { type ReconcileDeps, reconcileBindings } from './binding/reconcile.ts'
import { addBindingRoutes as addRoutes, type BindingRouteDeps } from './binding/routes.ts'
import { postponeBinding, takeDueBindings } from './binding/store.ts'
import type { Parts } from './gateway.ts'
import { addPageRoutes } from './hosted/routes.ts'
import { openSession, pageUrlOf } from './hosted/sessions.ts'
import { pageDeps, publicUrl } from './hosted-pages.ts'
import { newReferenceNo } from './payment/order.ts'
import { openCodes } from './payment-steps.ts'
import { forgetUnkept } from './unbinding/unkept.ts'
import { openCodesOfUnbindings } from './unbindings.ts'

/** Card binding, its one-time passwords and its hosted page. */
export function addBindingRoutes(app: FastifyInstance, auth: AuthDeps, parts: Parts): void {
  const deps = bindingDeps(parts)
  addRoutes(app, auth, { ...deps, ...codesOf(auth, parts) })
  const longestMs = parts.config.bindingLongestSeconds * 1000
  addPageRoutes(app, pageDeps(auth, parts), bindingPage({ ...deps, longestMs }))
}

function codesOf(auth: AuthDeps, parts: Parts) {
  return { paymentCodes: openCodes(auth, parts), unbindingCodes: openCodesOfUnbindings(auth, parts) }
}

/** How long a finished page can still be looked at. */
const PAGE_KEPT_MS = 86_400_000

function bindingDeps(parts: Parts): Omit<BindingRouteDeps, 'paymentCodes' | 'unbindingCodes'> {
  const { config, clock, vault, channels, database, seams } = parts
  const { claimTimeoutMs, networkTimeoutMs, networkExpiryMs, settleTimeoutMs, firstInquiryMs } = config
  const giveUpMs = config.bindingGiveUpSeconds * 1000
  const numbers = { vault, newReferenceNo: seams.newReferenceNo ?? newReferenceNo }
  return {
    clock,
    vault,
    channels,
    sql: database.sql,
    transaction: database.transaction,
    newReferenceNo: numbers.newReferenceNo,
    forget: (sql, unkept) => forgetUnkept(sql, numbers, unkept),
    networkTimeoutMs,
    networkExpiryMs,
    firstInquiryMs,
    // Not before the request itself must have ended one way or the other.
    longestRequestMs: claimTimeoutMs + networkTimeoutMs + settleTimeoutMs,
    sessionMs: config.bindingSeconds * 1000,
    resendPauseMs: config.otpResendSeconds * 1000,
    allowsPrivateHosts: config.mode === 'demo',
    pageUrl: (binding) => pageUrlOf(vault, publicUrl(parts), ownerOf(binding)),
    openPage: (sql, binding) =>
      openSession(sql, vault, ownerOf(binding), {
        createdAt: binding.createdAt,
        keepMs: giveUpMs + PAGE_KEPT_MS,
      }),
    onFault: faultOf(parts),
  }
}

/** One pass over the bindings that were left open. */
export function reconcileDueBindings(parts: Parts, signal: AbortSignal): Promise<void> {
  const { config, database, log } = parts
  const deps: ReconcileDeps = {
    ...bindingDeps(parts),
    take: (now) =>
      takeDueBindings(database.sql, now, {
        until: now + config.inquiryTimeoutMs + config.settleTimeoutMs,
        most: config.reconcileBatch,
      }),
    postpone: (binding, dueAt) => postponeBinding(database.sql, binding, dueAt),
    inquiryTimeoutMs: config.inquiryTimeoutMs,
    expiryMarginMs: config.expiryMarginMs,
    longestPauseMs: config.longestPauseMs,
    giveUpMs: config.bindingGiveUpSeconds * 1000,
    onSettled: ({ partnerId, referenceNo, state }) =>
      log.note('binding reconciled', { partner: partnerId, referenceNo, state }),
  }
  return reconcileBindings(deps, signal)
}

function faultOf({ metrics, log }: Parts): (error: unknown) => void {
  return (error) => {
    metrics.countFault('binding')
    log.fault('binding', error)
  }
}

function ownerOf({ partnerId, referenceNo }: BindingName) {
  return { kind: 'binding', partnerId, referenceNo } as const
}
