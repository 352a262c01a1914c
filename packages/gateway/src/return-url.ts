import { isIP } from 'node:net'
import { hostOf, isPublicAddress } from './addresses.ts'

/** Names that mean a machine nearby wherever they are looked up. */
const NEARBY = /(^|\.)(localhost|localdomain|local|internal|intranet|private|lan|home|corp|home\.arpa)$/
/** With a label before each dot. */
const NAME = /^[^.]+(\.[^.]+)+$/
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
  return allowsPrivate || isPublicHost(hostOf(url)) ? url.href : undefined
}

function isPublicHost(host: string): boolean {
  return isIP(host) === 0 ? !NEARBY.test(host) && NAME.test(host) : isPublicAddress(host)
}
