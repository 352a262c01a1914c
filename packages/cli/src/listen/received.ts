import type { Notification } from '@gerbang/sdk'

/** One notification, as it came and as it was answered. */
export interface Received {
  /** Epoch milliseconds by the demo's clock. */
  readonly at: number
  /** The path that was called. */
  readonly path: string
  /** Undefined when it is not to be believed. */
  readonly notification: Notification | undefined
  /** Why not: seven digits and words. */
  readonly refusal: string | undefined
  /** Which delivery of the same news this is, as far back as the history reaches. */
  readonly delivery: number
  /** The HTTP status with which the gateway was answered. */
  readonly answered: number
  readonly forwarded: Forwarded | undefined
}

export interface Forwarded {
  readonly to: string
  /** Undefined when no answer came. */
  readonly status: number | undefined
  readonly ms: number
  /** Why no answer came. */
  readonly failure: string | undefined
}

const CARD_MEMBERS = new Set(['bankCardToken', 'chargeToken', 'authCode', 'tokenId'])

/** What may be kept of a body: what stands for a card is cut to its end. */
export function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      CARD_MEMBERS.has(name) && typeof member === 'string' ? `…${member.slice(-4)}` : masked(member),
    ]),
  )
}
