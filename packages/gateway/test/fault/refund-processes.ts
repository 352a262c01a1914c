import type { Refunds } from '../../src/channels/channel.ts'
import { openDatabase } from '../../src/database/pool.ts'
import { newReferenceNo } from '../../src/payment/order.ts'
import { claimRefund, settleRefund } from '../../src/refund/books.ts'
import type { OpenRefund } from '../../src/refund/open-refund.ts'
import { openRefundReconciler } from '../../src/refund/reconcile.ts'
import { type RefundDeps, refund } from '../../src/refund/refund.ts'
import { postponeRefund, takeDueRefunds } from '../../src/refund/store.ts'
import type { LedgerNetwork } from '../ledger-network.ts'
import { newId } from '../merchant.ts'
import { aPaidOne } from '../refunding.ts'
import type { Stage } from '../stage.ts'
import type { Fate, JumpingClock } from './process-alike.ts'

const EXPIRY_MS = 30_000
const FIRST_INQUIRY_MS = 1_000

/** A refund of 60 % of a payment of 10000.00 that is made for it, about to be claimed. */
export async function anOpenRefund(stage: Stage, now: number): Promise<OpenRefund> {
  const originalPartnerReferenceNo = await aPaidOne(stage.merchant)
  const { body } = await stage.merchant.status({ originalPartnerReferenceNo })
  return {
    partnerId: stage.merchant.keys.partnerId,
    profile: 'doku',
    externalId: newId(),
    refundNo: newReferenceNo(now),
    partnerRefundNo: `REF-${newId()}`,
    originalReferenceNo: body.originalReferenceNo,
    originalPartnerReferenceNo,
    channel: body.additionalInfo.channel,
    amountMinor: 600_000n,
    reason: '',
    createdAt: now,
    expiresAt: now + EXPIRY_MS,
  }
}

/** What a process of the gateway does with refunds, over the real database and a network with a ledger, and mortal. */
export function openRefundProcesses(stage: Stage, clock: JumpingClock, network: LedgerNetwork) {
  const database = openDatabase({ url: stage.databaseUrl, connections: 2, timeoutMs: 5_000 })

  const mortal = (fate: Fate) => {
    const real = network.channel.refunds as Refunds
    const refunds: Refunds = {
      refund: fate.guard('refund', real.refund),
      inquireRefund: fate.guard('inquiry', real.inquireRefund),
    }
    const deps: RefundDeps = {
      clock,
      networkTimeoutMs: 2_000,
      firstInquiryMs: FIRST_INQUIRY_MS,
      claim: fate.guard('claim', (order) => claimRefund(database, order, order.refund.createdAt + 12_000)),
      settle: fate.guard('settlement', (settlement) => settleRefund(database, settlement)),
    }
    return { refunds, deps }
  }

  return {
    /** Takes one request to its end, or to the end of the process. */
    refund(fate: Fate, one: OpenRefund, how: typeof refund = refund) {
      const { refunds, deps } = mortal(fate)
      return how(deps, refunds, { refund: one, fingerprint: Buffer.alloc(32, one.partnerRefundNo) })
    },

    /** One pass of the reconciler. */
    async reconcile(fate: Fate) {
      const { refunds, deps } = mortal(fate)
      const faults: unknown[] = []
      const reconciler = openRefundReconciler({
        clock,
        channels: [{ ...network.channel, refunds }],
        settle: deps.settle,
        firstInquiryMs: FIRST_INQUIRY_MS,
        longestPauseMs: 10_000,
        inquiryTimeoutMs: 2_000,
        expiryMarginMs: 1_000,
        most: 64,
        take: fate.guard('taking', async (now, most) => {
          const due = await takeDueRefunds(database.sql, now, { until: now + 4_000, most })
          // The database's clock jumps with ours: one alone gives nothing up.
          return due.map((one) => ({ ...one, takenAt: clock.now() }))
        }),
        postpone: fate.guard('postponement', (one, until) => postponeRefund(database.sql, one, until)),
        onFault: (fault) => void faults.push(fault),
      })
      await reconciler.pass()
      await reconciler.idle()
      if (faults.length > 0) throw faults[0]
    },

    close: () => database.close(),
  }
}

export type RefundProcesses = ReturnType<typeof openRefundProcesses>
