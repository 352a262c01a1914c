import { type HeaderValues, headerValue } from '@gerbang/snap'
import type { Flow } from './profile.ts'

const FLOWS: Readonly<Record<string, Flow>> = { H2H: 'H2H', DH: 'DH' }

/** The way that a request asks for; undefined for what is not known, for clients write all sorts of things there. */
export function flowAsked(headers: HeaderValues): Flow | undefined {
  const text = headerValue(headers, 'X-CHANNEL-ID') ?? headerValue(headers, 'CHANNEL-ID')
  return FLOWS[text?.toUpperCase() ?? '']
}
