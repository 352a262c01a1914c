import type { PaymentBody } from '@gerbang/snap'
import { type CancelDeps, cancelPayment } from '../../src/cancellation/cancel.ts'
import { openCanceller } from '../../src/cancellation/canceller.ts'
import { postponeCancellation, takeDueCancellations } from '../../src/cancellation/store.ts'
import { openNetworkToken } from '../../src/card-token/card-token.ts'
import type { Channel } from '../../src/channels/channel.ts'
import { openChannels } from '../../src/channels/index.ts'
import { openConfiguredVault } from '../../src/config.ts'
import { openLanes } from '../../src/database/lanes.ts'
import { openDatabase } from '../../src/database/pool.ts'
import { openSession } from '../../src/hosted/sessions.ts'
import { newReferenceNo, takeOrder } from '../../src/payment/order.ts'
import { type PaymentDeps, paymentHostToHost } from '../../src/payment/payment-host-to-host.ts'
import { openReconciler } from '../../src/payment/reconcile.ts'
import { confirmPayment } from '../../src/payment/steps/confirm.ts'
import { type ResendDeps, resendCode } from '../../src/payment/steps/resend.ts'
import { learn, settleStepped } from '../../src/payment/steps/settle.ts'
import { claim, PAYMENT_STATEMENTS, postpone, takeDuePayments } from '../../src/payment/store.ts'
import { Secret } from '../../src/secret.ts'
import type { KeptAccount } from '../kept-accounts.ts'
import type { Stage } from '../stage.ts'
import type { Fate, JumpingClock } from './process-alike.ts'

const EXPIRY_MS = 30_000
const CONFIRM_MS = 900_000
const LONGEST_REQUEST_MS = 12_000
const FIRST_INQUIRY_MS = 1_000

/** Which payment, and with which number of the partner's its request came. */
export interface Asked {
  readonly referenceNo: string
  readonly externalId: string
}

/** What a process of the gateway does with payments of a bank, over the real database and the simulator's bank, and mortal. */
export function openDebitProcesses(stage: Stage, slug: string, clock: JumpingClock) {
  const url = stage.databaseUrl
  const database = openDatabase({ url, connections: 6, timeoutMs: 5_000 })
  const lanes = openLanes(1, {
    url,
    statements: PAYMENT_STATEMENTS,
    batchSize: 64,
    queueSize: 100,
    stuckMs: 5_000,
  })
  const vault = openConfiguredVault(stage.config)
  const [network] = openChannels({
    opened: [slug],
    network: { url: stage.simulator.url, key: stage.config.networkKey, connections: 8 },
    urls: {},
  })
  if (network === undefined) throw new Error(`There is no channel ${slug}`)
  const { partnerId } = stage.merchant.keys

  const mortal = (fate: Fate) => {
    const channel = guarded(network, fate)
    const steps: CancelDeps & ResendDeps = {
      clock,
      channels: [channel],
      vault,
      transaction: fate.guard('commit', (work) => database.transaction(work)) as CancelDeps['transaction'],
      pageUrl: ({ referenceNo }) => `https://pay.example/${referenceNo}`,
      openPage: (sql, { partnerId: owner, referenceNo, createdAt }) =>
        openSession(
          sql,
          vault,
          { kind: 'payment', partnerId: owner, referenceNo },
          { createdAt, keepMs: CONFIRM_MS },
        ),
      newReferenceNo,
      networkTimeoutMs: 2_000,
      longestRequestMs: LONGEST_REQUEST_MS,
      firstInquiryMs: FIRST_INQUIRY_MS,
      resendPauseMs: 60_000,
    }
    const payment: PaymentDeps = {
      clock,
      networkTimeoutMs: 2_000,
      firstInquiryMs: FIRST_INQUIRY_MS,
      claim: fate.guard('claim', (order) =>
        claim(lanes.pick(), order, { dueAt: order.payment.createdAt + LONGEST_REQUEST_MS, timeoutMs: 5_000 }),
      ),
      settle: (settlement) => settleStepped(steps, settlement),
      openCard: ({ source }, card) => {
        const bankCardToken = source.kind === 'token' ? source.bankCardToken : ''
        return openNetworkToken(vault, { partnerId, bankCardToken, ...card })
      },
    }
    return { channel, steps, payment }
  }

  const requestOf = (
    operation: 'otp-verification' | 'otp' | 'cancel',
    { referenceNo, externalId }: Asked,
  ) => ({
    partnerId,
    profile: 'doku' as const,
    operation,
    externalId,
    claimedAt: clock.now(),
    fingerprint: vault.digest('request', `${operation}|${referenceNo}`),
  })
  const nameOf = ({ referenceNo }: Asked) => ({ partnerId, referenceNo })

  return {
    async pay(fate: Fate, asked: { externalId: string; body: PaymentBody; account: KeptAccount }) {
      const { channel, payment } = mortal(fate)
      const deps = {
        vault,
        channels: [channel],
        newReferenceNo,
        networkExpiryMs: EXPIRY_MS,
        confirmMs: 300_000,
        debitConfirmMs: CONFIRM_MS,
        jumpAppMs: CONFIRM_MS,
        jumpAppLongestMs: CONFIRM_MS,
        allowsPrivateHosts: false,
      }
      const claimant = { partnerId, profile: 'doku' as const, externalId: asked.externalId }
      const { bankCardToken, headers } = asked.account
      const request = {
        body: asked.body,
        headers: { ...lower(headers), 'x-channel-id': 'H2H' },
        customer: { bankCardToken },
      }
      const { order } = takeOrder(deps, claimant, request, clock.now())
      const answer = await paymentHostToHost(payment, channel, order)
      return { ...answer, referenceNo: order.payment.referenceNo }
    },
    verify: (fate: Fate, asked: Asked, code: string) =>
      confirmPayment(mortal(fate).steps, {
        name: nameOf(asked),
        code: new Secret(code),
        request: requestOf('otp-verification', asked),
      }),
    resend: (fate: Fate, asked: Asked) =>
      resendCode(mortal(fate).steps, { name: nameOf(asked), request: requestOf('otp', asked) }),
    cancel: (fate: Fate, asked: Asked) =>
      cancelPayment(mortal(fate).steps, {
        name: nameOf(asked),
        profile: 'doku',
        reason: '',
        request: requestOf('cancel', asked),
      }),

    /** What the customer does on the page. */
    callOff: (fate: Fate, referenceNo: string) =>
      cancelPayment(mortal(fate).steps, {
        name: { partnerId, referenceNo },
        profile: 'doku',
        reason: '',
      }),

    /** One pass of both loops. */
    async reconcile(fate: Fate) {
      const { channel, steps, payment } = mortal(fate)
      const faults: unknown[] = []
      const onFault = (fault: unknown) => void faults.push(fault)
      const reconciler = openReconciler({
        clock,
        channels: [channel],
        settle: payment.settle,
        learn: (due, asking) =>
          steps.transaction((sql) => learn(sql, steps, { payment: due, asking, now: clock.now() })),
        firstInquiryMs: FIRST_INQUIRY_MS,
        longestPauseMs: 10_000,
        confirmMs: 300_000,
        inquiryTimeoutMs: 2_000,
        expiryMarginMs: 1_000,
        most: 64,
        take: fate.guard('taking', async (now, most) => {
          const due = await takeDuePayments(database.sql, now, { until: now + 4_000, most })
          return due.map((one) => ({ ...one, takenAt: clock.now() }))
        }),
        postpone: fate.guard('postponement', (one, until) => postpone(database.sql, one, until)),
        onFault,
      })
      const canceller = openCanceller({
        ...steps,
        most: 64,
        longestPauseMs: 10_000,
        take: fate.guard('taking of cancellations', (now, most) =>
          takeDueCancellations(database.sql, now, { until: now + 4_000, most }),
        ),
        postpone: (due, dueAt) => postponeCancellation(database.sql, due, dueAt),
        alertMs: 86_400_000,
        claimAlert: async () => false,
        onOverdue: () => {},
        onFault,
      })
      for (const loop of [reconciler, canceller]) {
        await loop.pass()
        await loop.idle()
      }
      if (faults.length > 0) throw faults[0]
    },

    /** What is true at the bank, whatever anybody believes. */
    truth: async (referenceNo: string, amountMinor: bigint) =>
      (await network.inquire({ referenceNo, amountMinor }, 5_000)).kind,

    async close() {
      await network.close()
      await lanes.close()
      await database.close()
    },
  }
}

export type DebitProcesses = ReturnType<typeof openDebitProcesses>

function guarded(network: Channel, fate: Fate): Channel {
  const { confirmations, cancellations } = network
  if (confirmations === undefined || cancellations === undefined) throw new Error('The bank confirms nothing')
  return {
    ...network,
    charge: fate.guard('charge', network.charge),
    inquire: fate.guard('inquiry', network.inquire),
    confirmations: {
      confirm: fate.guard('confirmation', confirmations.confirm),
      resendOtp: fate.guard('another code', confirmations.resendOtp),
    },
    cancellations: { cancel: fate.guard('calling off', cancellations.cancel) },
  }
}

function lower(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** How a payment stands for the partner, and how that has to be true at the bank. */
export async function assertOneTruth(
  stage: Stage,
  processes: DebitProcesses,
  referenceNo: string,
): Promise<string> {
  const [row] = await stage.query<{
    state: string
    amount: string
    off: string | null
    held: string | null
    gone: string | null
  }>(
    `select p.state, p.amount_minor amount, c.state off, b.reserved_minor held, b.refunded_minor gone
       from payments p left join cancellations c on c.partner_id = p.partner_id and c.reference_no = p.reference_no
                         and c.state <> 'refused'
       left join refund_balances b on b.partner_id = p.partner_id and b.reference_no = p.reference_no
      where p.reference_no = $1`,
    [referenceNo],
  )
  if (row === undefined) return 'none'
  const { state, amount, off, held, gone } = row
  const standing = state === 'paid' && off === 'cancelled' ? 'paid and called off' : state
  const truth = await processes.truth(referenceNo, BigInt(amount))
  const expected: Readonly<Record<string, readonly string[]>> = {
    paid: ['paid'],
    'paid and called off': ['reversed'],
    declined: ['declined'],
    reversed: ['reversed', 'not-found'],
    waiting: ['waiting'],
  }
  if (!expected[standing]?.includes(truth)) throw new Error(`${standing} for us, ${truth} at the bank`)
  if (off !== null && off !== 'cancelled') throw new Error(`a cancellation is left ${off}`)
  if (off === 'cancelled' && held !== amount) throw new Error('a cancelled payment can be refunded')
  if (off === null && held !== null && held !== '0') throw new Error('a refused cancellation holds money')
  if (standing === 'paid and called off' && gone !== amount) throw new Error('what went back is not booked')
  return standing
}
