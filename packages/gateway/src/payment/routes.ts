import { type PaymentBody, PaymentHostToHost, SnapError } from '@gerbang/snap'
import type { FastifyInstance } from 'fastify'
import type { AuthDeps } from '../auth/authenticate.ts'
import { addSignedRoute } from '../auth/signed-route.ts'
import { noteMissing } from '../channels/missing-headers.ts'
import { type OrderDeps, takeOrder } from './order.ts'
import type { Claimant, OpenPayment, Order, PaymentRequest } from './payment.ts'
import { type PaymentDeps, paymentHostToHost } from './payment-host-to-host.ts'
import type { Places } from './places.ts'
import { type Watcher, watch } from './watch.ts'

export interface PaymentRouteDeps extends PaymentDeps, OrderDeps, Watcher {
  /** Whether a partner's external id was claimed today. */
  readonly isUsed: (claimant: { partnerId: string; externalId: string }) => Promise<boolean>
  readonly onPayment: (state: string) => void
  readonly places: Places
  /** Sends the customer of a payment the code that the page asks for, where the bank does not do so by itself. */
  readonly sendCode: (payment: OpenPayment) => Promise<void>
}

export function addPaymentRoutes(app: FastifyInstance, auth: AuthDeps, deps: PaymentRouteDeps): void {
  addSignedRoute<PaymentBody>(app, auth, {
    contract: PaymentHostToHost,
    isUsed: ({ partner, externalId }) => deps.isUsed({ partnerId: partner.partnerId, externalId }),
    async handle({ caller, body, headers, line }) {
      const { partnerId, profile } = caller.partner
      const claimant = { partnerId, profile, externalId: caller.externalId }
      line.partnerReferenceNo = body.partnerReferenceNo
      const request = { body, headers, customer: caller.customer }
      const { channel, order } = await takeUnlessUsed(deps, claimant, request)
      line.channel = channel.profile.name
      noteMissing(line, channel.profile, { operation: 'payment-host-to-host', headers })
      line.referenceNo = order.payment.referenceNo
      line.variant = order.payment.variant
      const watched = watch(line, { deps, channel, watcher: deps })
      const pay = () => paymentHostToHost(watched.deps, watched.channel, order)
      const answer = await deps.places.hold(partnerId, pay)
      line.state = answer.state
      if (answer.state === 'waiting') line.money = 'unknown'
      if (answer.fault !== undefined) line.fault = answer.fault
      deps.onPayment(answer.state)
      if (answer.state === 'waiting' && isOnPage(order) && channel.profile.binding?.isOtpAskedFor)
        await deps.sendCode(order.payment).catch((fault) => Object.assign(line, { fault }))
      return answer.reply
    },
  })
}

/** Whether its customer types codes on a page of ours; a partner asks for the code that it will send. */
function isOnPage({ source }: Order): boolean {
  return source.kind === 'token' && source.canAskPin === true
}

/** An external id that is used up comes before whatever else stands in the way of an order. */
async function takeUnlessUsed(
  deps: PaymentRouteDeps,
  claimant: Claimant,
  request: PaymentRequest,
): Promise<ReturnType<typeof takeOrder>> {
  try {
    return takeOrder(deps, claimant, request, deps.clock.now())
  } catch (refusal) {
    throw (await deps.isUsed(claimant)) ? new SnapError('conflict') : refusal
  }
}
