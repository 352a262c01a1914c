import { type HeaderValues, headerValue, type Operation } from '@gerbang/snap'
import type { Line } from '../line.ts'
import type { ChannelProfile } from './profile.ts'

/** Notes on the request's line which of the headers that the channel's pages call mandatory were not sent. It refuses nothing. */
export function noteMissing(
  line: Line,
  { headers: wanted }: ChannelProfile,
  { operation, headers }: { readonly operation: Operation; readonly headers: HeaderValues },
): void {
  const missing = (wanted[operation] ?? []).filter((name) => headerValue(headers, name) === undefined)
  if (missing.length > 0) line.missingHeaders = missing.join(' ')
}
