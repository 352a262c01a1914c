import { BlockList, isIP } from 'node:net'

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

const CLOSED = networksOf([...CLOSED_IPV4, ...CLOSED_IPV6])
const OPEN = networksOf([OPEN_IPV6])

/** Whether anybody on the Internet may be behind this address. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !isWithin(CLOSED, address)
  return isIP(address) === 6 && isWithin(OPEN, address) && !isWithin(CLOSED, address)
}

export function isWithin(networks: BlockList, address: string): boolean {
  try {
    return networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  } catch {
    return false
  }
}

/** Networks like `10.1.0.0/16`, and single addresses. Throws an Error that names what is neither. */
export function networksOf(texts: readonly string[]): BlockList {
  const list = new BlockList()
  for (const text of texts) {
    const [address = '', bits] = text.split('/')
    const type = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    try {
      list.addSubnet(address, Number(bits ?? (type === 'ipv6' ? 128 : 32)), type)
    } catch {
      throw new Error(`${text} is not a network`)
    }
  }
  return list
}

/** The host of a URL, without the brackets of an IPv6 address and the dot that may end a name. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

/**
 * What a visitor is counted by: an IPv4 address, or of an IPv6 address the /64, in which one household or one server has as many
 * addresses as it likes.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.split('%', 1).join().split('::')
  const groups = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  const whole = [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ? tail.split(':') : [])]
  return `${whole
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
