import { openNetworkToken } from './card-token/card-token.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Lanes } from './database/lanes.ts'
import type { Database } from './database/pool.ts'
import { decidesLinking, settleAndLink } from './payment/linking.ts'
import type { PaymentDeps } from './payment/payment-host-to-host.ts'
import { claim, settle } from './payment/store.ts'
import type { Vault } from './vault/vault.ts'

/** What payments need, put together from the parts of a process. */
export function paymentDeps(parts: {
  readonly config: Config
  readonly clock: Clock
  readonly lanes: Lanes
  /** Where payments that keep their card are settled. */
  readonly linking: Database
  readonly vault: Vault
}): PaymentDeps {
  const { config, clock, lanes, linking, vault } = parts
  const { claimTimeoutMs, networkTimeoutMs, settleTimeoutMs, firstInquiryMs } = config
  // Not before the request itself must have ended one way or the other.
  const longestRequestMs = claimTimeoutMs + networkTimeoutMs + settleTimeoutMs
  return {
    clock,
    claim: (order) => {
      const dueAt = order.payment.createdAt + longestRequestMs
      return claim(lanes.pick(), order, { dueAt, timeoutMs: claimTimeoutMs })
    },
    settle: (settlement) =>
      decidesLinking(settlement)
        ? settleAndLink(linking, vault, settlement)
        : settle(lanes.pick(), settlement, settleTimeoutMs),
    openCard: ({ payment, source }, card) => {
      const bankCardToken = source.kind === 'token' ? source.bankCardToken : ''
      return openNetworkToken(vault, { partnerId: payment.partnerId, bankCardToken, ...card })
    },
    networkTimeoutMs,
    firstInquiryMs,
  }
}
