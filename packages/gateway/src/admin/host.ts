import { isIP } from 'node:net'

/** A host as browsers write it, and the port: a name, an IPv4 address, or an IPv6 address in brackets. */
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]{1,253}))(?::\d{1,5})?$/i

/**
 * Whether a request was meant for this server, by its Host header: an address, `localhost`, or one of those names. A page of elsewhere
 * whose name was made to lead here has that name in the header, and cannot change it.
 */
export function isOwnHost(header: string | undefined, names: readonly string[]): boolean {
  const [, bracketed, plain = ''] = HOST.exec(header ?? '') ?? []
  if (bracketed !== undefined) return isIP(bracketed) === 6
  const name = canonical(plain)
  return (
    isIP(plain) === 4 || name === 'localhost' || names.some((one) => canonical(one) === name && name !== '')
  )
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}
