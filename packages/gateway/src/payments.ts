import { openNetworkToken } from './card-token/card-token.ts'
import type { Channel } from './channels/channel.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Lanes } from './database/lanes.ts'
import type { Database } from './database/pool.ts'
import { decidesLinking, settleAndLink } from './payment/linking.ts'
import type { PaymentDeps } from './payment/payment-host-to-host.ts'
import { type StepDeps, settleStepped } from './payment/steps/settle.ts'
import { claim, settle } from './payment/store.ts'
import { openReply } from './request-id/sealed-reply.ts'
import type { Vault } from './vault/vault.ts'

/** What payments need, put together from the parts of a process. */
export function paymentDeps(parts: {
  readonly config: Config
  readonly clock: Clock
  readonly lanes: Lanes
  /** Where payments that keep their card are settled. */
  readonly linking: Database
  readonly vault: Vault
  readonly channels: readonly Channel[]
  readonly steps: StepDeps
}): PaymentDeps {
  const { config, clock, lanes, linking, vault, channels, steps } = parts
  const stepped = new Set(
    channels.filter(({ profile }) => profile.payment.shape !== 'kki').map(({ profile }) => profile.name),
  )
  const { claimTimeoutMs, networkTimeoutMs, settleTimeoutMs, firstInquiryMs } = config
  // Not before the request itself must have ended one way or the other.
  const longestRequestMs = claimTimeoutMs + networkTimeoutMs + settleTimeoutMs
  return {
    clock,
    async claim(order) {
      const { createdAt, partnerId, externalId } = order.payment
      const dueAt = createdAt + longestRequestMs
      const claimed = await claim(lanes.pick(), order, { dueAt, timeoutMs: claimTimeoutMs })
      if (claimed.kind !== 'replay') return claimed
      const request = { partnerId, externalId, operation: 'payment-host-to-host' } as const
      return { kind: 'replay', reply: openReply(vault, request, claimed.reply) }
    },
    settle(settlement) {
      if (stepped.has(settlement.payment.channel)) return settleStepped(steps, settlement)
      return decidesLinking(settlement)
        ? settleAndLink(linking, vault, settlement)
        : settle(lanes.pick(), settlement, settleTimeoutMs)
    },
    openCard: ({ payment, source }, card) => {
      const bankCardToken = source.kind === 'token' ? source.bankCardToken : ''
      return openNetworkToken(vault, { partnerId: payment.partnerId, bankCardToken, ...card })
    },
    networkTimeoutMs,
    firstInquiryMs,
  }
}
