import { parseTimestamp } from '@gerbang/snap/timestamp'

/** The path without its first segments, alone and under the prefixes that other gateways use. */
export function shortened(target: string): string[] {
  const segments = target.split('/').slice(1)
  const tails = segments.slice(1).map((_, index) => `/${segments.slice(index + 1).join('/')}`)
  return tails.flatMap((tail) => [tail, `/v1.0${tail}`, `/snap/v1.0${tail}`]).concat(target.slice(1))
}

/** The same moment in UTC, and the local time with a Z. */
export function utcForms(timestamp: string): string[] {
  const ms = parseTimestamp(timestamp)
  if (ms === undefined) return []
  const iso = new Date(ms).toISOString()
  const seconds = iso.slice(0, 19)
  return [`${seconds}Z`, iso, `${seconds}+00:00`, `${seconds}-00:00`, `${timestamp.slice(0, 19)}Z`].filter(
    (text) => text !== timestamp,
  )
}

/** The same local time with other milliseconds or another form of the offset. */
export function respelt(timestamp: string): string[] {
  const { local, fraction, offset } =
    /^(?<local>.{19})(?<fraction>\.\d+)?(?<offset>.*)$/.exec(timestamp)?.groups ?? {}
  if (local === undefined || offset === undefined) return []
  return ['', '.000', '.000000', fraction ?? '']
    .flatMap((part) => [
      `${local}${part}${offset}`,
      `${local}${part}${offset.replace(':', '')}`,
      `${local}${part}`,
    ])
    .filter((text) => text !== timestamp)
}

/** Some seconds earlier and later, in the same form. */
export function neighbours(timestamp: string): string[] {
  const local = Date.parse(`${timestamp.slice(0, 19)}Z`)
  if (Number.isNaN(local)) return []
  const shifts = [1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 7, -7]
  return shifts.map((by) => new Date(local + by * 1000).toISOString().slice(0, 19) + timestamp.slice(19))
}
