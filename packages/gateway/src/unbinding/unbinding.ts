import type { OutcomeName } from '@gerbang/snap'
import type { UnbindAnswer } from '../channels/channel.ts'

/** A card of the partner's that the network is to forget. */
export interface Unbinding {
  readonly partnerId: string
  readonly referenceNo: string
  readonly partnerReferenceNo: string | undefined
  /** The channel's canonical name. */
  readonly channel: string
  readonly bankCardToken: string
  /** The customer is asked for a code first, if the network wants one; until it is right everything is as before. */
  readonly isConfirmed: boolean
  /** Epoch milliseconds. */
  readonly createdAt: number
}

/** One that the network has to be asked about. */
export interface DueUnbinding extends Unbinding {
  /** `unresolved`: the network was asked, and what it did is not known. */
  readonly state: 'requested' | 'unresolved'
  /** How often it was taken up, this time included. */
  readonly tries: number
  /** Until when it is left to whoever took it, in epoch milliseconds; another time by now says that others have gone on. */
  readonly takenUntil: number
}

/** An unbinding in the hands of a request, or of whoever takes what is due. */
export type HeldUnbinding = Unbinding & Partial<Pick<DueUnbinding, 'takenUntil'>>

/** How an unbinding ends. */
export interface Ending {
  readonly state: 'completed' | 'failed'
  /** Why it failed: `blocked` and `expired` are the customer's doing, who gave no right code. */
  readonly reason?: 'refused' | 'no-answer' | 'blocked' | 'expired'
  /** The no, as it is told. */
  readonly outcome?: OutcomeName
  readonly networkCode?: string
}

/** What an answer ends in, or undefined when it ends nothing. */
export function endingOf(answer: UnbindAnswer): Ending | undefined {
  if (answer.kind === 'unresolved' || answer.kind === 'otp-sent' || isPassing(answer)) return undefined
  const { networkCode } = answer
  if (answer.kind === 'unbound' || answer.outcome === ALREADY_GONE) return { state: 'completed', networkCode }
  const { outcome } = answer
  return { state: 'failed', reason: REASONS[outcome] ?? 'refused', outcome, networkCode }
}

const REASONS: Partial<Record<OutcomeName, Ending['reason']>> = {
  otpBlocked: 'blocked',
  otpLifetimeExpired: 'expired',
}

/** The network does not know such a card: nothing is left to be forgotten there. */
const ALREADY_GONE = 'invalidCard'

/** A no that speaks of the network's own state and not of the card: it is asked again. */
const PASSING: ReadonlySet<string> = new Set([
  'tooManyRequests',
  'featureNotAllowedAtThisTime',
  'generalError',
  'internalServerError',
  'externalServerError',
  'timeout',
])

export function isPassing(answer: UnbindAnswer): boolean {
  return answer.kind === 'declined' && PASSING.has(answer.outcome)
}
