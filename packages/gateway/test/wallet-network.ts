import type { Channel, ChannelAnswer } from '../src/channels/channel.ts'
import { DANA } from '../src/channels/dana/profile.ts'

/** What the wallet makes of the next question of a kind, and whether the gateway hears of it. */
export type Mood = 'does it' | 'refuses' | 'is silent and does it' | 'never hears'

const SILENCE = { kind: 'unresolved', cause: 'a test' } as const

/** A wallet at the channel's seam with a ledger of truth: it is paid at once, gives back, and calls off. */
export class WalletNetwork {
  readonly moods: Record<'charge' | 'cancel' | 'refund', Mood> = {
    charge: 'does it',
    cancel: 'does it',
    refund: 'does it',
  }
  /** By the number of the charge: what it has come to. */
  readonly charges = new Map<string, 'paid' | 'reversed'>()
  /** Numbers of the refunds that were made. */
  readonly refunds = new Set<string>()
  /** How often it was told of a charge. */
  readonly told = new Map<string, number>()

  #wordOf(referenceNo: string): ChannelAnswer {
    const truth = this.charges.get(referenceNo)
    if (truth === 'reversed') return { kind: 'reversed', networkCode: '00' }
    return { kind: 'paid', networkReferenceNo: `N${referenceNo.slice(-11)}`, networkCode: '00' }
  }

  readonly channel: Channel = {
    profile: { ...DANA, isCancellable: true },
    owns: () => false,
    charge: async ({ referenceNo }) => {
      const mood = this.moods.charge
      this.told.set(referenceNo, (this.told.get(referenceNo) ?? 0) + 1)
      if (mood === 'refuses') return { kind: 'declined', outcome: 'doNotHonor', networkCode: '05' }
      if (mood !== 'never hears') this.charges.set(referenceNo, 'paid')
      return mood === 'does it' ? this.#wordOf(referenceNo) : SILENCE
    },
    inquire: async ({ referenceNo }) =>
      this.charges.has(referenceNo) ? this.#wordOf(referenceNo) : { kind: 'not-found' },
    cancellations: {
      cancel: async ({ referenceNo }) => {
        const mood = this.moods.cancel
        if (mood === 'refuses') return this.#wordOf(referenceNo)
        if (mood !== 'never hears') this.charges.set(referenceNo, 'reversed')
        return mood === 'does it' ? this.#wordOf(referenceNo) : SILENCE
      },
    },
    refunds: {
      refund: async ({ referenceNo }) => {
        const mood = this.moods.refund
        if (mood === 'refuses') return { kind: 'declined', outcome: 'doNotHonor', networkCode: '05' }
        if (mood !== 'never hears') this.refunds.add(referenceNo)
        return mood === 'does it'
          ? { kind: 'refunded', networkReferenceNo: `R${referenceNo.slice(-11)}`, networkCode: '00' }
          : SILENCE
      },
      inquireRefund: async ({ referenceNo }) =>
        this.refunds.has(referenceNo)
          ? { kind: 'refunded', networkReferenceNo: `R${referenceNo.slice(-11)}`, networkCode: '00' }
          : { kind: 'not-found' },
    },
    close: async () => {},
  }
}

/** A payment in the wallet's own app. */
export function aJump(partnerReferenceNo: string, changes: object = {}) {
  return {
    partnerReferenceNo,
    amount: { value: '10000.00', currency: 'IDR' },
    pointOfInitiation: 'app',
    urlParam: [{ url: 'https://www.merchant.com/back', type: 'PAY_RETURN', isDeepLink: 'N' }],
    additionalInfo: { channel: DANA.name, orderTitle: 'Kopi' },
    ...changes,
  }
}
