import type { FastifyInstance } from 'fastify'
import type { AuthDeps } from './auth/authenticate.ts'
import { cancelPayment } from './cancellation/cancel.ts'
import { cancelDeps } from './cancellations.ts'
import { channelNamed } from './channels/index.ts'
import type { Parts } from './gateway.ts'
import { addPageRoutes } from './hosted/routes.ts'
import { pageDeps } from './hosted-pages.ts'
import { paymentPage } from './payment/steps/payment-page.ts'
import { codeDeps } from './payment-steps.ts'

/** The hosted page of payments. */
export function addPaymentPages(app: FastifyInstance, auth: AuthDeps, parts: Parts): void {
  const deps = codeDeps(parts)
  const cancelling = cancelDeps(parts)
  addPageRoutes(
    app,
    pageDeps(auth, parts),
    paymentPage({
      ...deps,
      sql: parts.database.sql,
      async cancel(payment) {
        const { partnerId, referenceNo, profile, channel } = payment
        if (channelNamed(parts.channels, channel)?.cancellations === undefined) return
        await cancelPayment(cancelling, {
          name: { partnerId, referenceNo },
          profile,
          reason: 'called off by the customer',
        })
      },
    }),
  )
}
