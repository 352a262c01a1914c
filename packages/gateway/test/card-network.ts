import type { Bindings, Channel, UnbindAnswer } from '../src/channels/channel.ts'
import { KKI } from '../src/channels/kki/profile.ts'

/** What the network does with a card that it is to forget. */
export type Mood =
  | 'forgets'
  | 'refuses'
  | 'knows no such card'
  | 'is busy'
  | 'hears nothing'
  | 'forgets and says nothing'
  | 'needs a while'

const FORGOTTEN: UnbindAnswer = { kind: 'unbound', networkCode: '00' }
const REFUSED: UnbindAnswer = { kind: 'declined', outcome: 'transactionNotPermitted', networkCode: '57' }
const UNKNOWN: UnbindAnswer = { kind: 'declined', outcome: 'invalidCard', networkCode: '14' }
const BUSY: UnbindAnswer = { kind: 'declined', outcome: 'externalServerError', networkCode: '96' }
const SILENCE: UnbindAnswer = { kind: 'unresolved', cause: 'no answer' }
const PENDING: UnbindAnswer = { kind: 'unresolved', cause: 'pending', networkCode: '09' }

/** Booked under the number, and what the caller hears of it. */
const MOODS: Readonly<Record<Mood, { readonly booked?: UnbindAnswer; readonly heard: UnbindAnswer }>> = {
  forgets: { booked: FORGOTTEN, heard: FORGOTTEN },
  refuses: { booked: REFUSED, heard: REFUSED },
  'knows no such card': { booked: UNKNOWN, heard: UNKNOWN },
  'is busy': { heard: BUSY },
  'hears nothing': { heard: SILENCE },
  'forgets and says nothing': { booked: FORGOTTEN, heard: SILENCE },
  'needs a while': { booked: PENDING, heard: PENDING },
}

export interface Told {
  readonly call: 'unbind' | 'inquire'
  readonly referenceNo: string
  readonly networkToken?: string
}

/** A network that forgets cards as a test wants it to, and answers a number that it knows the same way again. */
export class CardNetwork {
  mood: Mood = 'forgets'
  /** What every call waits for before it is answered. */
  gate: Promise<void> = Promise.resolve()
  readonly told: Told[] = []
  readonly #booked = new Map<string, UnbindAnswer>()

  /** Whatever was pending is now done. */
  finish(): void {
    for (const [referenceNo, answer] of this.#booked)
      if (answer === PENDING) this.#booked.set(referenceNo, FORGOTTEN)
  }

  booked(): ReadonlyMap<string, UnbindAnswer> {
    return this.#booked
  }

  #isMute(): boolean {
    return this.mood === 'hears nothing' || this.mood === 'forgets and says nothing'
  }

  readonly channel: Channel = {
    profile: KKI,
    owns: (chargeToken) => chargeToken.startsWith('9360'),
    charge: async () => ({ kind: 'paid', networkReferenceNo: 'N1', networkCode: '00' }),
    inquire: async () => ({ kind: 'not-found' }),
    bindings: {
      ...noOtherCards(),
      unbind: async ({ referenceNo, networkToken }) => {
        this.told.push({ call: 'unbind', referenceNo, networkToken: networkToken.reveal() })
        await this.gate
        const known = this.#booked.get(referenceNo)
        if (known !== undefined) return this.#isMute() ? SILENCE : known
        const { booked, heard } = MOODS[this.mood]
        if (booked !== undefined) this.#booked.set(referenceNo, booked)
        return heard
      },
      inquireUnbinding: async (referenceNo) => {
        this.told.push({ call: 'inquire', referenceNo })
        if (this.#isMute()) return SILENCE
        return this.#booked.get(referenceNo) ?? { kind: 'not-found' }
      },
    },
    close: async () => {},
  }
}

function noOtherCards(): Omit<Bindings, 'unbind' | 'inquireUnbinding'> {
  const never = () => Promise.reject(new Error('This network only forgets cards'))
  return { bind: never, resendOtp: never, verifyOtp: never, cancelBinding: never, inquireBinding: never }
}
