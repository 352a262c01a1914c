import { setTimeout as wait } from 'node:timers/promises'
import type {
  Channel,
  NotFound,
  RefundAnswer,
  RefundInstruction,
  RefundNames,
} from '../src/channels/channel.ts'
import { KKI } from '../src/channels/kki/profile.ts'

/**
 * What the network does with a refund, and whether the gateway hears of it. `lost` never arrives; `refunds-later` and
 * `declines-later` are called pending until the third inquiry.
 */
export type Manner =
  | 'refunds'
  | 'declines'
  | 'refunds-in-silence'
  | 'declines-in-silence'
  | 'lost'
  | 'refunds-later'
  | 'declines-later'

export interface NetworkRefund {
  readonly referenceNo: string
  readonly originalReferenceNo: string
  readonly amountMinor: bigint
  readonly manner: Manner
  inquiries: number
}

/** A network at the channel's seam with a ledger of truth: it pays every charge, and gives back as it is told to. */
export interface LedgerNetwork {
  readonly channel: Channel
  /** Every refund that arrived, by its number. */
  readonly refunds: ReadonlyMap<string, NetworkRefund>
  /** How the next refunds go: by partnerRefundNo, or all of them. */
  set(manner: Manner, partnerRefundNo?: string): void
  /** Holds every refund and inquiry this long, in milliseconds. */
  delay(ms: number): void
}

const SILENCE = { kind: 'unresolved', cause: 'a test' } as const
const PENDING_INQUIRIES = 2

export function openLedgerNetwork(now: () => number = Date.now): LedgerNetwork {
  const refunds = new Map<string, NetworkRefund>()
  const manners = new Map<string, Manner>()
  let usual: Manner = 'refunds'
  let delayMs = 0
  const isPending = ({ manner, inquiries }: NetworkRefund) =>
    manner.endsWith('-later') && inquiries <= PENDING_INQUIRIES
  const wordOf = (one: NetworkRefund): RefundAnswer => {
    if (isPending(one)) return { ...SILENCE, networkCode: '09' }
    return one.manner.startsWith('refunds')
      ? { kind: 'refunded', networkReferenceNo: `N${one.referenceNo.slice(-11)}`, networkCode: '00' }
      : { kind: 'declined', outcome: 'doNotHonor', networkCode: '05' }
  }

  async function refund(instruction: RefundInstruction): Promise<RefundAnswer> {
    const { referenceNo, originalReferenceNo, amountMinor, merchantReferenceNo } = instruction
    const manner = manners.get(merchantReferenceNo) ?? usual
    if (delayMs > 0) await wait(delayMs)
    if (manner === 'lost' || now() >= instruction.expiresAt) return SILENCE
    const one = { referenceNo, originalReferenceNo, amountMinor, manner, inquiries: 0 }
    refunds.set(referenceNo, one)
    return manner.endsWith('-in-silence') ? SILENCE : wordOf(one)
  }

  async function inquireRefund({ referenceNo }: RefundNames): Promise<RefundAnswer | NotFound> {
    if (delayMs > 0) await wait(delayMs)
    const one = refunds.get(referenceNo)
    if (one === undefined) return { kind: 'not-found' }
    one.inquiries++
    return wordOf(one)
  }

  return {
    refunds,
    set(manner, partnerRefundNo) {
      if (partnerRefundNo === undefined) usual = manner
      else manners.set(partnerRefundNo, manner)
    },
    delay(ms) {
      delayMs = ms
    },
    channel: {
      profile: KKI,
      owns: () => true,
      charge: async ({ referenceNo }) => ({
        kind: 'paid',
        networkReferenceNo: referenceNo.slice(-12),
        networkCode: '00',
      }),
      inquire: async () => ({ kind: 'not-found' }),
      refunds: { refund, inquireRefund },
      close: async () => {},
    },
  }
}

/** How much of each charge the network has given back. */
export function givenBack(network: LedgerNetwork): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const { originalReferenceNo, amountMinor, manner } of network.refunds.values())
    if (manner.startsWith('refunds'))
      sums.set(originalReferenceNo, (sums.get(originalReferenceNo) ?? 0n) + amountMinor)
  return sums
}
