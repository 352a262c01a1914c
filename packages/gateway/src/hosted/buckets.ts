export interface BucketOptions {
  /** How many calls a key may make at once. */
  readonly size: number
  /** How many it gets back in a second. */
  readonly perSecond: number
  /** How many keys are remembered; whoever is forgotten begins with a full bucket. */
  readonly keys: number
}

interface Bucket {
  left: number
  since: number
}

/**
 * Token buckets by key, in the memory of one process: with several workers a key gets as many times as much. They slow down
 * whoever guesses; what decides is counted in the database. Returns false when a key has to wait. `now` in epoch milliseconds.
 */
export function openBuckets({ size, perSecond, keys }: BucketOptions): (key: string, now: number) => boolean {
  const buckets = new Map<string, Bucket>()
  return (key, now) => {
    const known = buckets.get(key)
    const refill = known === undefined ? size : (Math.max(0, now - known.since) / 1000) * perSecond
    const left = Math.min(size, (known?.left ?? 0) + refill)
    // Taken out and put in again: the key that was not seen for longest comes first, and goes first.
    buckets.delete(key)
    if (buckets.size >= keys) buckets.delete(buckets.keys().next().value ?? '')
    buckets.set(key, { left: left >= 1 ? left - 1 : left, since: now })
    return left >= 1
  }
}
