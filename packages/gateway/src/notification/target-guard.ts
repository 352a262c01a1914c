import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { hostOf, isPublicAddress, isWithin, networksOf } from '../addresses.ts'

/** Whom the gateway may speak to. A partner chooses its URLs, and must not choose what is behind our firewall. */
export interface TargetGuard {
  /** Throws TargetRefused for a URL that must not be called whatever its name resolves to. */
  checkUrl(url: URL): void
  /** For `net.connect`: resolves once and hands on addresses that were checked, so that there is no second answer to trust. */
  readonly lookup: LookupFunction
}

export interface TargetGuardOptions {
  readonly mode: 'live' | 'demo'
  /** `10.1.0.0/16`, `10.1.2.3`, `hooks.internal`. */
  readonly allow: readonly string[]
  readonly resolve?: Resolve
}

export type Resolve = (
  hostname: string,
  options: { all: true; family?: number; hints?: number },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** The reason is for the operator; it never repeats what a host answered, for no host was asked. */
export class TargetRefused extends Error {
  override readonly name = 'TargetRefused'
}

const LOOPBACK = ['127.0.0.0/8', '::1/128'] as const

/** Throws an Error when `allow` names a network that is none. */
export function openTargetGuard(options: TargetGuardOptions): TargetGuard {
  const { mode, allow, resolve = systemLookup } = options
  const isNetwork = (entry: string) => entry.includes('/') || isIP(entry) !== 0
  const hosts = new Set(allow.filter((entry) => !isNetwork(entry)).map((entry) => entry.toLowerCase()))
  const open = networksOf([...allow.filter(isNetwork), ...(mode === 'demo' ? LOOPBACK : [])])

  const isAllowed = (address: string) => isWithin(open, address) || isPublicAddress(address)
  const isNamed = (host: string) => hosts.has(host) || (isIP(host) !== 0 && isWithin(open, host))

  return {
    checkUrl(url) {
      const host = hostOf(url)
      if (!/^https?:$/.test(url.protocol)) throw new TargetRefused('neither http nor https')
      if (url.username !== '' || url.password !== '') throw new TargetRefused('a user in the URL')
      if (isIP(host) !== 0 && !isAllowed(host)) throw new TargetRefused('an address that is not public')
      if (mode === 'demo' || isNamed(host)) return
      if (url.protocol !== 'https:') throw new TargetRefused('not https')
      if (url.port !== '' && url.port !== '8443')
        throw new TargetRefused('a port that is neither 443 nor 8443')
    },

    lookup(hostname, { all, family, hints }, done) {
      const wanted = { all: true, family: Number(family ?? 0), hints: hints ?? 0 } as const
      resolve(hostname, wanted, (error, addresses) => {
        const [first] = addresses ?? []
        if (error !== null) return done(error, '', 0)
        if (first === undefined) return done(new TargetRefused('a name without an address'), '', 0)
        // One closed address among open ones is enough: somebody is trying.
        const isOpen =
          hosts.has(hostname.toLowerCase()) || addresses.every(({ address }) => isAllowed(address))
        if (!isOpen) return done(new TargetRefused('an address that is not public'), '', 0)
        if (all === true) return done(null, addresses)
        done(null, first.address, first.family)
      })
    },
  }
}
