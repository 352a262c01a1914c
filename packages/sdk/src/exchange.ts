import { randomInt } from 'node:crypto'
import { type Answer, readAnswer } from './answers.ts'
import type { Settings } from './settings.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 8_000

/** What came of one attempt. `maybeSent` is false only when no connection was ever made. */
export type Attempt =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'silence'; readonly maybeSent: boolean; readonly cause: unknown }

export interface Outgoing {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Sends one request once. Never throws: silence is a result. */
export async function attempt(settings: Settings, outgoing: Outgoing): Promise<Attempt> {
  try {
    const reply = await settings.fetch(outgoing.url, {
      method: 'POST',
      headers: outgoing.headers,
      body: outgoing.body,
      // A redirect would carry the signature and the token to another host.
      redirect: 'manual',
      signal: AbortSignal.timeout(settings.timeoutMs),
    })
    const answer = readAnswer(reply.status, await reply.text())
    if (answer === undefined) {
      return {
        kind: 'silence',
        maybeSent: true,
        cause: new Error(`HTTP ${reply.status} without a SNAP body`),
      }
    }
    const retryAfterMs = retryAfter(reply.headers.get('retry-after'))
    return { kind: 'answer', answer: retryAfterMs === undefined ? answer : { ...answer, retryAfterMs } }
  } catch (cause) {
    return { kind: 'silence', maybeSent: !neverConnected(cause), cause }
  }
}

/** Milliseconds to wait before attempt number `next` (the second attempt is 1): doubling, with a random half. */
export function pauseBefore(next: number, before: Attempt): number {
  const retryAfterMs = before.kind === 'answer' ? before.answer.retryAfterMs : undefined
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, LONGEST_PAUSE_MS)
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (next - 1), LONGEST_PAUSE_MS)
  return longest / 2 + randomInt(Math.ceil(longest / 2) + 1)
}

function retryAfter(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined
}

const BEFORE_CONNECTION = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function neverConnected(cause: unknown): boolean {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return BEFORE_CONNECTION.has(String((inner as { code?: unknown } | null)?.code))
}
