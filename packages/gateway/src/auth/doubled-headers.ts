import { HEADERS, SnapError } from '@gerbang/snap'

const SINGLE = new Map<string, string>(HEADERS.map(({ name }) => [name.toLowerCase(), name]))

/**
 * Refuses a request that says one of SNAP's headers twice. Node would join or drop the second value, and what is
 * then checked need not be what a proxy in front has checked. `rawHeaders` alternates names and values.
 */
export function refuseDoubledHeaders(rawHeaders: readonly string[]): void {
  const seen = new Set<string>()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = SINGLE.get((rawHeaders[index] ?? '').toLowerCase())
    if (name === undefined) continue
    if (seen.has(name)) throw new SnapError('invalidFieldFormat', { detail: name })
    seen.add(name)
  }
}
