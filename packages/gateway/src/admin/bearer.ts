import { createHash, timingSafeEqual } from 'node:crypto'
import { openBuckets } from '../rate-limit/bucket.ts'
import type { Secret } from '../secret.ts'
import { Refused } from './problem.ts'

export interface AdminKeyring {
  /** The name of the key that the header carries. Throws Refused for any other, and for whoever has tried too many. */
  check(authorization: string | undefined, address: string): string
}

/** How many wrong keys an address may try at once, and in a second from then on. */
const TRIES = 10
const TRIES_PER_SECOND = 0.2
export const RETRY_AFTER_SECONDS = 1 / TRIES_PER_SECOND

/** Keys are compared by their digests, each with each, so that the time that it takes tells nothing. `now` in milliseconds. */
export function openAdminKeyring(
  keys: readonly { readonly name: string; readonly key: Secret }[],
  now: () => number,
): AdminKeyring {
  const known = keys.map(({ name, key }) => ({ name, digest: digestOf(key.reveal()) }))
  const take = openBuckets(now)
  const bucketOf = (address: string) => ({ key: address, perSecond: TRIES_PER_SECOND, size: TRIES })
  return {
    check(authorization, address) {
      const shown = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
      // Nothing is guessed without a key. A page in an operator's browser can ask in that way, and only in that way: it must not lock
      // its address out.
      if (shown === undefined) throw unauthorized()
      // Only wrong keys count. Whoever has used up its tries learns nothing by trying on, right or wrong.
      const isTired = take({ ...bucketOf(address), most: 0 }).waitMs > 0
      if (isTired) throw new Refused('too-many-bad-keys', 'Too many wrong keys came from there: wait')
      const given = digestOf(shown)
      const fitting = known.filter(({ digest }) => timingSafeEqual(digest, given))
      const [found] = fitting
      if (found !== undefined) return found.name
      take({ ...bucketOf(address), most: 1 })
      throw unauthorized()
    },
  }
}

function unauthorized(): Refused {
  return new Refused('unauthorized', 'A bearer key of GERBANG_ADMIN_KEYS is needed')
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
