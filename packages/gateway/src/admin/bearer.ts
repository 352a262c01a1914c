import { createHash, timingSafeEqual } from 'node:crypto'
import { networkOf } from '../addresses.ts'
import { type Lend, openBuckets, type Wish } from '../rate-limit/bucket.ts'
import type { Secret } from '../secret.ts'
import { Refused } from './problem.ts'

/** Where a request comes from. */
export interface Origin {
  readonly address: string
  /** The proxy that says so, where one does. */
  readonly proxy: string | undefined
}

export interface AdminKeyring {
  /** The name of the key that the header carries. Throws Refused for any other, and for whoever has tried too many. */
  check(authorization: string | undefined, origin: Origin): Promise<string>
}

export interface AdminKeyringDeps {
  readonly keys: readonly { readonly name: string; readonly key: Secret }[]
  /** Milliseconds of a clock that is never set. */
  readonly now: () => number
  /** Where the tries that all processes have together come from. */
  readonly lend: Lend
}

/** How many wrong keys an address may try at once, and in a second from then on. */
const TRIES = { size: 10, perSecond: 0.2 }
/** The same for all addresses that one proxy speaks for: who poses as a proxy has as many of them as it likes. */
const TRIES_OF_A_PROXY = { size: 300, perSecond: 10 }
export const RETRY_AFTER_SECONDS = 1 / TRIES.perSecond

/** Keys are compared by their digests, each with each, so that the time that it takes tells nothing. */
export function openAdminKeyring({ keys, now, lend }: AdminKeyringDeps): AdminKeyring {
  const known = keys.map(({ name, key }) => ({ name, digest: digestOf(key.reveal()) }))
  // A leading process that keeps silent grants what is asked: then each process still counts what it has seen itself.
  const sources: readonly Lend[] = [openBuckets(now), lend]

  /** Only wrong keys are counted, and by one question each, which many at once cannot come between. */
  async function isTired(origin: Origin, isWrong: boolean): Promise<boolean> {
    const most = isWrong ? 1 : 0
    for (const bucket of bucketsOf(origin))
      for (const take of sources) {
        const { tokens, waitMs } = await take({ ...bucket, most })
        if (isWrong ? tokens === 0 : waitMs > 0) return true
      }
    return false
  }

  return {
    async check(authorization, origin) {
      const shown = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
      // Nothing is guessed without a key. A page in an operator's browser can ask in that way, and only in that way: it must not lock
      // its address out.
      if (shown === undefined) throw unauthorized()
      const given = digestOf(shown)
      const [found] = known.filter(({ digest }) => timingSafeEqual(digest, given))
      // Whoever has used up its tries learns nothing by trying on, right or wrong.
      if (await isTired(origin, found === undefined))
        throw new Refused('too-many-bad-keys', 'Too many wrong keys came from there: wait')
      if (found === undefined) throw unauthorized()
      return found.name
    },
  }
}

function bucketsOf({ address, proxy }: Origin): readonly Omit<Wish, 'most'>[] {
  const own = { ...TRIES, key: `admin-key ${networkOf(address)}` }
  return proxy === undefined ? [own] : [own, { ...TRIES_OF_A_PROXY, key: `admin-proxy ${networkOf(proxy)}` }]
}

function unauthorized(): Refused {
  return new Refused('unauthorized', 'A bearer key of GERBANG_ADMIN_KEYS is needed')
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
