import { Refund, type RefundBody, SnapError } from '@gerbang/snap'
import type { FastifyInstance } from 'fastify'
import type { AuthDeps } from '../auth/authenticate.ts'
import { addSignedRoute } from '../auth/signed-route.ts'
import type { Refunds } from '../channels/channel.ts'
import { channelNamed } from '../channels/index.ts'
import { noteMissing } from '../channels/missing-headers.ts'
import type { Claimant } from '../payment/payment.ts'
import type { Places } from '../payment/places.ts'
import { noting, type Watcher } from '../payment/watch.ts'
import { type RefundOrderDeps, type RefundRequest, takeRefund } from './order.ts'
import { type RefundDeps, refund } from './refund.ts'

export interface RefundRouteDeps extends RefundDeps, RefundOrderDeps, Watcher {
  /** Whether a partner's external id was claimed for a refund today. */
  readonly isUsed: (claimant: { partnerId: string; externalId: string }) => Promise<boolean>
  readonly onRefund: (state: string) => void
  readonly places: Places
}

export function addRefundRoutes(app: FastifyInstance, auth: AuthDeps, deps: RefundRouteDeps): void {
  addSignedRoute<RefundBody>(app, auth, {
    contract: Refund,
    takesFormerCustomers: true,
    isUsed: ({ partner, externalId }) => deps.isUsed({ partnerId: partner.partnerId, externalId }),
    async handle({ caller, body, headers, line }) {
      const { partnerId, profile } = caller.partner
      const claimant = { partnerId, profile, externalId: caller.externalId }
      line.partnerReferenceNo = body.partnerRefundNo
      const { refunds, order } = await takeUnlessUsed(deps, claimant, {
        body,
        headers,
        customer: caller.customer,
        formerCustomer: caller.formerCustomer,
      })
      line.channel = order.refund.channel
      const { profile: rules } = channelNamed(deps.channels, order.refund.channel) ?? {}
      if (rules) noteMissing(line, rules, { operation: 'refund', headers })
      line.referenceNo = order.refund.refundNo
      const channel = {
        refund: noting(line, deps, (...asked: Parameters<Refunds['refund']>) => refunds.refund(...asked)),
      }
      const answer = await deps.places.hold(partnerId, () => refund(deps, channel, order))
      line.state = answer.state
      if (answer.fault !== undefined) line.fault = answer.fault
      deps.onRefund(answer.state)
      return answer.reply
    },
  })
}

/** An external id that is used up comes before whatever else stands in the way of a refund. */
async function takeUnlessUsed(
  deps: RefundRouteDeps,
  claimant: Claimant,
  request: RefundRequest,
): ReturnType<typeof takeRefund> {
  try {
    return await takeRefund(deps, claimant, request, deps.clock.now())
  } catch (refusal) {
    throw (await deps.isUsed(claimant)) ? new SnapError('conflict') : refusal
  }
}
