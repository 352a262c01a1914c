import type { Lend } from './bucket.ts'

export interface Limit {
  readonly perSecond: number
  /** How many at once after a quiet time. */
  readonly burst: number
}

export interface Limiter {
  /** Undefined when it may go on, else after how many milliseconds it may be tried again. */
  take(key: string, limit: Limit): number | undefined | Promise<number | undefined>
}

interface Share {
  left: number
  closedUntil: number
  asking: Promise<void> | undefined
}

/** A process borrows for this long at most, so that little is left lying where nobody asks for it. */
const LOANS_PER_SECOND = 50
const MOST_KEPT = 20_000

/**
 * The limits of partners, in one process. The tokens of all processes come out of the same buckets, a few at a time: whichever
 * process a partner's connections lead to, it gets what it may have, and no more. `now` as of the buckets.
 */
export function openLimiter(lend: Lend, now: () => number): Limiter {
  const shares = new Map<string, Share>()

  function shareOf(key: string): Share {
    const known = shares.get(key)
    if (known !== undefined) return known
    if (shares.size >= MOST_KEPT) shares.clear()
    const share: Share = { left: 0, closedUntil: 0, asking: undefined }
    shares.set(key, share)
    return share
  }

  async function borrow(key: string, share: Share, { perSecond, burst }: Limit): Promise<void> {
    const most = Math.ceil(perSecond / LOANS_PER_SECOND)
    const { tokens, waitMs } = await lend({ key, perSecond, size: burst, most })
    share.left += tokens
    if (tokens === 0) share.closedUntil = now() + waitMs
  }

  async function wait(key: string, share: Share, limit: Limit): Promise<number | undefined> {
    while (share.left < 1) {
      const closedMs = share.closedUntil - now()
      if (closedMs > 0) return closedMs
      share.asking ??= borrow(key, share, limit).finally(() => {
        share.asking = undefined
      })
      await share.asking
    }
    share.left--
    return undefined
  }

  return {
    take(key, limit) {
      const share = shareOf(key)
      if (share.left >= 1) {
        share.left--
        return undefined
      }
      return wait(key, share, limit)
    },
  }
}
