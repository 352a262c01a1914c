import { BlockList, isIP, isIPv4 } from 'node:net'

const PRIVATE = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv6')

/** Names that mean a machine nearby wherever they are looked up. */
const NEARBY = /(^|\.)(localhost|local|internal|lan|home\.arpa)\.?$/
/** A colon and digits are a port, not the end of a scheme. */
const HAS_SCHEME = /^[a-z][a-z\d+.-]*:(?!\d)/i

/**
 * Where a customer is sent back to, as a whole address, or undefined for what is no place in the web: other schemes than http
 * and https, an address with a user's name in it, and, unless `allowsPrivate`, hosts that only this network knows. Without a
 * scheme it is https. Names are not looked up: the customer's browser goes there, we never do.
 */
export function readReturnUrl(text: string, allowsPrivate: boolean): string | undefined {
  const address = HAS_SCHEME.test(text) ? text : `https://${text.replace(/^\/+/, '')}`
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  if (!isWeb || url.username !== '' || url.password !== '') return undefined
  return allowsPrivate || !isPrivate(url.hostname) ? url.href : undefined
}

function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) === 0) return NEARBY.test(host) || !host.includes('.')
  return PRIVATE.check(host, isIPv4(host) ? 'ipv4' : 'ipv6')
}
