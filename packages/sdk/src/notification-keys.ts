import type { KeyObject } from 'node:crypto'
import { parseTimestamp } from '@gerbang/snap/timestamp'

export interface NotificationKeys {
  /** Yours, the X-PARTNER-ID of the client. */
  readonly clientId: string
  readonly clientSecret: string
  /** The gateway's: PEM text or a KeyObject. For its token requests, and for notifications in asymmetric mode. */
  readonly gatewayPublicKey?: string | KeyObject
  /**
   * How the gateway signs your notifications. When absent: `symmetric` if there is an Authorization header or no
   * gatewayPublicKey, else `asymmetric`.
   */
  readonly mode?: 'symmetric' | 'asymmetric'
  /** How far the gateway's clock may be from yours, both ways: five minutes when absent. */
  readonly toleranceMs?: number
  /** Milliseconds since 1970; default: the system's clock. */
  readonly clock?: () => number
}

const TOLERANCE_MS = 5 * 60_000

export function nowOf({ clock = Date.now }: NotificationKeys): number {
  return clock()
}

export function isTimely(keys: NotificationKeys, timestamp: string): boolean {
  const at = parseTimestamp(timestamp)
  return at !== undefined && Math.abs(nowOf(keys) - at) <= (keys.toleranceMs ?? TOLERANCE_MS)
}
