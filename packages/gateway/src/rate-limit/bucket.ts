/** Who wants how many tokens of which bucket. A bucket fills at `perSecond`, up to `size`. */
export interface Wish {
  readonly key: string
  readonly perSecond: number
  readonly size: number
  /** 0 only looks. */
  readonly most: number
}

export interface Grant {
  /** As many as there were, at most as many as were wanted. */
  readonly tokens: number
  /** After how many milliseconds there will be one; 0 when there was. */
  readonly waitMs: number
}

export type Lend = (wish: Wish) => Grant | Promise<Grant>

interface Bucket {
  left: number
  since: number
}

const MOST_KEPT = 20_000
/** A token that is missing a millionth is there. */
const ROUNDING = 1e-6

/** The buckets themselves, kept in one process. `now` in milliseconds of a clock that is never set. */
export function openBuckets(now: () => number): (wish: Wish) => Grant {
  const buckets = new Map<string, Bucket>()
  return ({ key, perSecond, size, most }) => {
    const at = now()
    const known = buckets.get(key)
    const filled = known === undefined ? size : known.left + ((at - known.since) / 1000) * perSecond
    const left = Math.min(size, filled)
    const tokens = Math.min(Math.floor(left + ROUNDING), most)
    // Taken out and put in again: the bucket that was not asked for longest comes first, and goes first.
    buckets.delete(key)
    if (buckets.size >= MOST_KEPT) buckets.delete(buckets.keys().next().value ?? '')
    buckets.set(key, { left: left - tokens, since: at })
    return {
      tokens,
      waitMs: left + ROUNDING >= 1 ? 0 : Math.ceil(((1 - left) / perSecond) * 1000 - ROUNDING),
    }
  }
}
