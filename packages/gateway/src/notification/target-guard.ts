import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

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

/** Special-purpose IPv4 networks: this network, private, shared, loopback, link-local, protocol, test, relay, multicast, reserved. */
const CLOSED_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Public by its number, and a cloud's own metadata server by use.
  '168.63.129.16/32',
] as const

/** Of IPv6 only global unicast is open, which leaves out loopback, v4-mapped, NAT64, unique local, link-local and multicast. */
const OPEN_IPV6 = '2000::/3'
/** Within it: Teredo and other protocol assignments, documentation, 6to4, documentation. */
const CLOSED_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'] as const
const LOOPBACK = ['127.0.0.0/8', '::1/128'] as const

const CLOSED = listOf([...CLOSED_IPV4, ...CLOSED_IPV6])
const OPEN = listOf([OPEN_IPV6])

/** Throws an Error when `allow` names a network that is none. */
export function openTargetGuard(options: TargetGuardOptions): TargetGuard {
  const { mode, allow, resolve = systemLookup } = options
  const isNetwork = (entry: string) => entry.includes('/') || isIP(entry) !== 0
  const hosts = new Set(allow.filter((entry) => !isNetwork(entry)).map((entry) => entry.toLowerCase()))
  const open = listOf([...allow.filter(isNetwork), ...(mode === 'demo' ? LOOPBACK : [])])

  const isAllowed = (address: string) => contains(open, address) || isPublic(address)
  const isNamed = (host: string) => hosts.has(host) || (isIP(host) !== 0 && contains(open, host))

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

/** Whether anybody on the Internet may be behind this address. What is no address is not. */
function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !contains(CLOSED, address)
  return isIP(address) === 6 && contains(OPEN, address) && !contains(CLOSED, address)
}

function contains(list: BlockList, address: string): boolean {
  try {
    return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  } catch {
    return false
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const type = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    try {
      list.addSubnet(address, Number(bits ?? (type === 'ipv6' ? 128 : 32)), type)
    } catch {
      throw new Error(`${network} is not a network`)
    }
  }
  return list
}

/** Without the brackets of an IPv6 address. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}
