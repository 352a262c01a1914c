import { meansUnbinding, type Operation, type OtpVerificationBody, SnapError } from '@gerbang/snap'
import type { Channel } from '../channels/channel.ts'
import { findChannel } from '../channels/index.ts'
import type { Line } from '../line.ts'
import type { Partner } from '../partner/partner.ts'
import type { Limit, Limiter } from '../rate-limit/limiter.ts'

export type RequestKind = 'transaction' | 'token'

/** What an operator has closed to a partner. Both come before anything is claimed, so that nothing is used up. */
export interface Gates {
  /** Throws SnapError `tooManyRequests` when the partner asks more often than it may. */
  admit(partner: Partner, kind: RequestKind, line: Line): Promise<void> | void
  /**
   * The SnapError `featureNotAllowed` for a request whose body names a channel that is off and that begins something there, else
   * undefined. Operations that find the channel themselves ask `refusalOfChannel`.
   */
  refuseChannel(partner: Partner, operation: Operation, body: unknown): SnapError | undefined
}

export interface GateDeps {
  readonly limiter: Limiter
  readonly channels: readonly Channel[]
  /** For partners who have no limits of their own. 0: none. */
  readonly requestsPerSecond: number
  readonly tokensPerSecond: number
  readonly onLimited: (kind: RequestKind) => void
}

/**
 * What begins something. Giving money back, calling off, forgetting and asking for the status go on while a channel is off: what was
 * done through it must be able to come to its end. A code begins nothing when it confirms that an account is to be forgotten.
 */
export const BEGINNINGS: ReadonlySet<Operation> = new Set([
  'registration-card-bind',
  'registration-account-binding',
  'otp',
  'otp-verification',
  'payment-host-to-host',
  'balance-inquiry',
])

export function openGates(deps: GateDeps): Gates {
  const { limiter, channels } = deps
  return {
    admit(partner, kind, line) {
      const limit = limitOf(deps, partner, kind)
      if (limit === undefined) return
      const refuse = (waitMs: number | undefined) => {
        if (waitMs === undefined) return
        deps.onLimited(kind)
        line.cause = 'rate limit'
        throw new SnapError('tooManyRequests', { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) })
      }
      const waitMs = limiter.take(`${kind} ${partner.partnerId}`, limit)
      return waitMs instanceof Promise ? waitMs.then(refuse) : refuse(waitMs)
    },
    refuseChannel(partner, operation, body) {
      if (partner.channelsOff.size === 0 || !BEGINNINGS.has(operation)) return undefined
      if (operation === 'otp-verification' && meansUnbinding(body as OtpVerificationBody)) return undefined
      const channel = channelOf(channels, operation, body)
      return channel && refusalOfChannel(partner, channel.profile.name)
    },
  }
}

/** The SnapError `featureNotAllowed` when a channel, by its canonical name, is off for a partner, else undefined. */
export function refusalOfChannel({ channelsOff }: Partner, channel: string): SnapError | undefined {
  return channelsOff.has(channel)
    ? new SnapError('featureNotAllowed', { detail: 'Channel is off' })
    : undefined
}

const BURST_SECONDS = 2

function limitOf(deps: GateDeps, { limits }: Partner, kind: RequestKind): Limit | undefined {
  const perSecond =
    kind === 'token'
      ? (limits.tokensPerSecond ?? deps.tokensPerSecond)
      : (limits.requestsPerSecond ?? deps.requestsPerSecond)
  if (perSecond === 0) return undefined
  const usual = perSecond * BURST_SECONDS
  return { perSecond, burst: kind === 'token' ? usual : (limits.burst ?? usual) }
}

/** Requests of these that name no channel are about a card. Whatever else is named by a number or a token has the channel of that. */
const OF_CARDS: ReadonlySet<Operation> = new Set(['registration-card-bind', 'payment-host-to-host'])

/** As far as the body tells: by its name, by the card number, or as the one that keeps cards. */
function channelOf(channels: readonly Channel[], operation: Operation, body: unknown): Channel | undefined {
  const { additionalInfo, chargeToken } = Object(body) as Record<string, unknown>
  const { channel } = Object(additionalInfo) as Record<string, unknown>
  return findChannel(channels, {
    name: textOf(channel),
    chargeToken: textOf(chargeToken),
    keepsCards: OF_CARDS.has(operation),
  })
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
