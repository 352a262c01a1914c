/** Schemes that a browser runs or opens by itself, or that open whatever else they name, instead of an app. */
const NEVER_AN_APP =
  /^(?:javascript|data|vbscript|blob|file|filesystem|about|http|ftp|ws|wss|view-source|jar|chrome(?:-.*)?|edge|resource|content|intent|ms-.*):$/
/** A host may hold signs that are a wildcard or an end of the rule in a policy. */
const PLAIN_HOST = /^(?:[a-z\d.-]+|\[[\d:a-f]+\])$/
const HAS_SCHEME = /^[a-z][a-z\d+.-]*:(?!\d)/i

/** The shop's address as a link: http or https, and https where no scheme is written. Anything else is no link. */
export function shopLink(address: string | undefined): string | undefined {
  if (!address) return undefined
  const url = parse(HAS_SCHEME.test(address) ? address : `https://${address.replace(/^\/+/, '')}`)
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url.href : undefined
}

/** The address that opens a bank's app: https, or a scheme of the app's own. */
export function appLink(address: string | undefined): string | undefined {
  const url = parse(address ?? '')
  return url && !NEVER_AN_APP.test(url.protocol) ? url.href : undefined
}

/** `https://shop.example` for whatever address of that origin; what is no web origin is left out. */
export function webOrigins(addresses: readonly string[]): string[] {
  return addresses.flatMap((address) => {
    const url = parse(address)
    const isOrigin = url && /^https?:$/.test(url.protocol) && PLAIN_HOST.test(url.hostname)
    return isOrigin ? [url.origin] : []
  })
}

function parse(address: string): URL | undefined {
  try {
    return new URL(address)
  } catch {
    return undefined
  }
}
