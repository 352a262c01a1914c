import { Cancel, type CancelBody, parseAmount, SnapError } from '@gerbang/snap'
import type { FastifyInstance } from 'fastify'
import type { AuthDeps } from '../auth/authenticate.ts'
import { addSignedRoute, type SignedCall } from '../auth/signed-route.ts'
import { refuseOtherCustomer } from '../payment/customer.ts'
import { channelOfOriginal, type FindPayments, findOriginals } from '../payment/original.ts'
import type { KnownPayment } from '../payment/payment.ts'
import { maskCardNumbers } from '../secret.ts'
import { type CancelDeps, cancelPayment } from './cancel.ts'

export interface CancelRouteDeps extends CancelDeps {
  readonly find: FindPayments
  /** 32 bytes, keyed. */
  readonly digest: (text: string) => Buffer
  /** Whether a partner's external id was claimed for this operation today. */
  readonly isUsed: (claimant: { partnerId: string; externalId: string }) => Promise<boolean>
}

export function addCancelRoutes(app: FastifyInstance, auth: AuthDeps, deps: CancelRouteDeps): void {
  addSignedRoute<CancelBody>(app, auth, {
    contract: Cancel,
    isUsed: ({ partner, externalId }) => deps.isUsed({ partnerId: partner.partnerId, externalId }),
    async handle(call) {
      const { caller, body, line } = call
      const { partnerId, profile } = caller.partner
      const { externalId } = caller
      try {
        const payment = await originalOf(deps, call)
        line.referenceNo = payment.referenceNo
        line.channel = payment.channel
        const answer = await cancelPayment(deps, {
          name: { partnerId, referenceNo: payment.referenceNo },
          profile,
          // In the partner's own words, and a partner can put anything into them.
          reason: maskCardNumbers(body.reason ?? ''),
          request: {
            partnerId,
            externalId,
            operation: 'cancel',
            claimedAt: deps.clock.now(),
            fingerprint: deps.digest(`cancel|${JSON.stringify(body)}`),
          },
        })
        line.state = answer.standing.state
        if (answer.fault !== undefined) line.fault = answer.fault
        return answer.reply
      } catch (refusal) {
        // An external id that is used up comes before whatever else stands in the way.
        const isUsed = refusal instanceof SnapError && (await deps.isUsed({ partnerId, externalId }))
        throw isUsed ? new SnapError('conflict') : refusal
      }
    },
  })
}

/** The payment that is meant. Throws SnapError for what can be said without locking it. */
async function originalOf(
  deps: CancelRouteDeps,
  { caller, body, headers }: SignedCall<CancelBody>,
): Promise<KnownPayment> {
  const amountMinor = body.amount === undefined ? undefined : parseAmount(body.amount.value)
  if (body.amount !== undefined && amountMinor === undefined) throw new SnapError('invalidAmount')
  const originals = await findOriginals(deps.find, caller.partner.partnerId, body)
  const [payment = originals[0], ...more] = originals.filter(
    ({ state }) => state === 'waiting' || state === 'paid',
  )
  // An external id may name payments of several days: which one is called off is never guessed.
  if (more.length > 0) throw new SnapError('inconsistentRequest')
  const channel = channelOfOriginal(deps.channels, payment, body.additionalInfo?.channel)
  if (channel?.cancellations === undefined || !channel.profile.isCancellable)
    throw new SnapError('requestedFunctionIsNotSupported')
  refuseOtherCustomer(channel.profile, 'cancel', { customer: caller.customer, headers }, payment)
  if (amountMinor !== undefined && amountMinor !== payment.amountMinor) throw new SnapError('invalidAmount')
  return payment
}
