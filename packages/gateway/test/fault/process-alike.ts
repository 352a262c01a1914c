import type { PaymentBody } from '@gerbang/snap'
import { openNetworkToken } from '../../src/card-token/card-token.ts'
import type { Channel } from '../../src/channels/channel.ts'
import { kkiChannel } from '../../src/channels/kki/index.ts'
import { type Clock, systemClock } from '../../src/clock.ts'
import { openConfiguredVault } from '../../src/config.ts'
import { openLanes } from '../../src/database/lanes.ts'
import { openDatabase } from '../../src/database/pool.ts'
import { decidesLinking, settleAndLink } from '../../src/payment/linking.ts'
import { newReferenceNo, takeOrder } from '../../src/payment/order.ts'
import { type PaymentDeps, paymentHostToHost } from '../../src/payment/payment-host-to-host.ts'
import { openReconciler } from '../../src/payment/reconcile.ts'
import { claim, PAYMENT_STATEMENTS, postpone, settle, takeDuePayments } from '../../src/payment/store.ts'
import type { Stage } from '../stage.ts'

/** The death of a process: whatever it still wanted to do does not happen. */
export class Died extends Error {}

/** Counts the boundaries that a process crosses and kills it at the n-th: from there on every crossing throws. */
export class Fate {
  readonly #diesAt: number
  #crossed = 0
  where: string | undefined

  constructor(diesAt: number) {
    this.#diesAt = diesAt
  }

  cross(boundary: string): void {
    if (this.#crossed++ < this.#diesAt) return
    this.where ??= boundary
    throw new Died(boundary)
  }

  /** The same deed with a boundary on either side: not yet done, and done with nobody left to know. */
  guard<Arguments extends readonly unknown[], Result>(
    name: string,
    deed: (...given: Arguments) => Promise<Result>,
  ): (...given: Arguments) => Promise<Result> {
    return async (...given) => {
      this.cross(`before ${name}`)
      const result = await deed(...given)
      this.cross(`after ${name}`)
      return result
    }
  }
}

/** A life in which one boundary is not crossed before somebody lets it. */
export class Held extends Fate {
  readonly #where: string
  letGo: () => void = () => {}
  readonly #gate = new Promise<void>((resolve) => {
    this.letGo = resolve
  })

  constructor(where: string) {
    super(Number.POSITIVE_INFINITY)
    this.#where = where
  }

  override guard<Arguments extends readonly unknown[], Result>(
    name: string,
    deed: (...given: Arguments) => Promise<Result>,
  ): (...given: Arguments) => Promise<Result> {
    return async (...given) => {
      if (this.#where === `before ${name}`) await this.#gate
      const result = await deed(...given)
      if (this.#where === `after ${name}`) await this.#gate
      return result
    }
  }
}

/** Time that jumps when a test says so. */
export class JumpingClock implements Clock {
  #ahead = 0
  now = () => Date.now() + this.#ahead
  sleep = systemClock.sleep
  jump(ms: number): void {
    this.#ahead += ms
  }
}

/** Time that is set for everybody, as in demo mode: who asks is told how far. */
export class SetClock extends JumpingClock {
  shiftMs = () => this.now() - Date.now()
}

export const EXPIRY_MS = 30_000
const FIRST_INQUIRY_MS = 1_000

type Pay = typeof paymentHostToHost

/** What a process of the gateway does with payments, over the real database and the real network, and mortal. */
export function openProcesses(stage: Stage, clock: JumpingClock) {
  const url = stage.databaseUrl
  const database = openDatabase({ url, connections: 2, timeoutMs: 5_000 })
  const lanes = openLanes(1, {
    url,
    statements: PAYMENT_STATEMENTS,
    batchSize: 64,
    queueSize: 100,
    stuckMs: 5_000,
  })
  const vault = openConfiguredVault(stage.config)
  const network = kkiChannel({
    url: stage.simulator.url,
    key: stage.config.networkKey,
    connections: 4,
  })

  const mortal = (fate: Fate, networkTimeoutMs = 2_000) => {
    const channel: Channel = {
      ...network,
      charge: fate.guard('charge', network.charge),
      inquire: fate.guard('inquiry', network.inquire),
    }
    const payment: PaymentDeps = {
      clock,
      networkTimeoutMs,
      firstInquiryMs: FIRST_INQUIRY_MS,
      claim: fate.guard('claim', (order) =>
        claim(lanes.pick(), order, { dueAt: order.payment.createdAt + 12_000, timeoutMs: 5_000 }),
      ),
      settle: fate.guard('settlement', (settlement) =>
        decidesLinking(settlement)
          ? settleAndLink(database, vault, settlement)
          : settle(lanes.pick(), settlement, 5_000),
      ),
      openCard: ({ payment: { partnerId }, source }, card) => {
        const bankCardToken = source.kind === 'token' ? source.bankCardToken : ''
        return openNetworkToken(vault, { partnerId, bankCardToken, ...card })
      },
    }
    return { channel, payment }
  }

  return {
    /** Takes one request to its end, or to the end of the process. */
    async pay(
      fate: Fate,
      asked: { externalId: string; body: PaymentBody; networkTimeoutMs?: number },
      how: Pay = paymentHostToHost,
    ) {
      const { channel, payment } = mortal(fate, asked.networkTimeoutMs)
      const deps = {
        vault,
        channels: [channel],
        newReferenceNo,
        networkExpiryMs: EXPIRY_MS,
        confirmMs: 300_000,
        debitConfirmMs: 900_000,
        jumpAppMs: 900_000,
        jumpAppLongestMs: 3_600_000,
        allowsPrivateHosts: false,
      }
      const { partnerId } = stage.merchant.keys
      const claimant = { partnerId, profile: 'doku' as const, externalId: asked.externalId }
      const { order } = takeOrder(deps, claimant, { body: asked.body, headers: {} }, clock.now())
      return how(payment, channel, order)
    },

    /** One pass of the reconciler. */
    async reconcile(fate: Fate) {
      const { channel, payment } = mortal(fate)
      const faults: unknown[] = []
      const reconciler = openReconciler({
        clock,
        channels: [channel],
        settle: payment.settle,
        firstInquiryMs: FIRST_INQUIRY_MS,
        longestPauseMs: 10_000,
        confirmMs: 300_000,
        inquiryTimeoutMs: 2_000,
        expiryMarginMs: 1_000,
        most: 64,
        take: fate.guard('taking', async (now, most) => {
          const due = await takeDuePayments(database.sql, now, { until: now + 4_000, most })
          // The database's clock jumps with ours: one alone reverses nothing.
          return due.map((payment) => ({ ...payment, takenAt: clock.now() }))
        }),
        postpone: fate.guard('postponement', (payment, until) => postpone(database.sql, payment, until)),
        onFault: (fault) => void faults.push(fault),
      })
      await reconciler.pass()
      await reconciler.idle()
      if (faults.length > 0) throw faults[0]
    },

    async close() {
      await network.close()
      await lanes.close()
      await database.close()
    },
  }
}

export type Processes = ReturnType<typeof openProcesses>
