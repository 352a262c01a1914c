import type { HeaderValues } from '@gerbang/snap/headers'

/** Headers as Node.js, fetch or a framework give them; names in any case. */
export type NotificationHeaders =
  | HeaderValues
  | Headers
  | Readonly<Record<string, string | readonly string[] | undefined>>

/** A request as it arrived. */
export interface NotificationRequest {
  /** The bytes of the body, before any parser; or the text of them. */
  readonly rawBody: Uint8Array | string
  readonly headers: NotificationHeaders
  readonly method: string
  /** The whole URL or its path with the query, as the gateway called it. */
  readonly url: string
}

/** The same headers under names in lower case. */
export function lowerCased(headers: NotificationHeaders): HeaderValues {
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers)
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' || value === undefined ? value : [...value],
    ]),
  )
}

/** Path and query, not re-encoded: what is signed of a URL. */
export function targetOf(url: string): string {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/, '')
  return path.startsWith('/') ? path : `/${path}`
}
