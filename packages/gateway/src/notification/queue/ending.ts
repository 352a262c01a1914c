import { formatInstant, wibDate } from '@gerbang/snap'
import type { Attempted } from '../attempt.ts'
import { nextAttemptAt } from '../schedule.ts'
import type { Ending, EndpointEnding, KeptAttempt, Taken } from './store.ts'

/** What became of a notification that was taken. Times in epoch milliseconds. */
export type Outcome =
  | {
      readonly kind: 'attempted'
      readonly attempted: Attempted
      readonly url: string
      readonly startedAt: number
      readonly latencyMs: number
    }
  /** It cannot be told, now or later. */
  | { readonly kind: 'impossible'; readonly reason: string }
  /** The partner has another URL by now. */
  | { readonly kind: 'moved'; readonly url: string; readonly endpoint: string }
  /** Nothing was done: somebody may, after a pause. */
  | { readonly kind: 'released'; readonly pauseMs: number }

/** The rows that say so: a resend changes nothing of the schedule, whatever comes of it, but that what arrived has arrived. */
export function endingOf(
  taken: Taken,
  outcome: Outcome,
  { now, offsets }: { readonly now: number; readonly offsets: readonly number[] },
): Ending {
  const unchanged = endingBefore(taken)
  if (outcome.kind === 'released') {
    const notBefore = formatInstant(now + outcome.pauseMs)
    return { ...unchanged, dueAt: later(unchanged.dueAt, notBefore), notBefore }
  }
  if (outcome.kind === 'moved') return { ...unchanged, url: outcome.url, endpoint: outcome.endpoint }
  const attempt = outcome.kind === 'attempted' ? keptAttempt(taken, outcome) : null
  const reason = outcome.kind === 'attempted' ? (outcome.attempted.reason ?? null) : outcome.reason
  const isDelivered = outcome.kind === 'attempted' && outcome.attempted.isDelivered
  const startedAt = outcome.kind === 'attempted' ? outcome.startedAt : now
  const firstAt = taken.firstAttemptAt?.getTime() ?? startedAt
  const attempts = taken.attempts + 1
  const counted = { attempts, firstAttemptAt: formatInstant(firstAt) }
  const made = { isResent: taken.isResend, ...(attempt !== null && !taken.isResend && counted) }
  const told = { ...unchanged, ...made, url: attempt?.url ?? taken.url, attempt }
  const settled = { nextAttemptAt: null, dueAt: null, settledAt: formatInstant(now) }
  if (isDelivered && taken.state === 'delivered') return told
  if (isDelivered) return { ...told, ...settled, state: 'delivered', reason: null }
  if (taken.isResend) return told
  const next =
    outcome.kind === 'impossible'
      ? undefined
      : nextAttemptAt(offsets, { attempts, firstAt, lastAt: startedAt })
  if (next === undefined) return { ...told, ...settled, state: 'given-up', reason }
  return { ...told, nextAttemptAt: formatInstant(next), dueAt: formatInstant(next) }
}

/** What the endings of one write say of their endpoints; of those that are well there is nothing to say. */
export function endpointEndings(
  ended: readonly { readonly taken: Taken; readonly outcome: Outcome; readonly ending: Ending }[],
  now: number,
): readonly EndpointEnding[] {
  const known = new Map<string, EndpointEnding>()
  for (const { taken, outcome, ending } of ended) {
    const { partnerId, endpoint } = ending
    const key = `${partnerId} ${endpoint}`
    const before = known.get(key) ?? {
      partnerId,
      endpoint,
      isAlive: null,
      failures: 0,
      isProbe: false,
      dueAt: null,
    }
    const isAlive = outcome.kind === 'attempted' ? outcome.attempted.isAlive : undefined
    const isWorthTelling = isAlive === false || taken.isDoubtful || taken.isProbe || before.failures > 0
    const dueAt = taken.isProbe ? formatInstant(now) : ending.dueAt
    known.set(key, {
      ...before,
      isProbe: before.isProbe || taken.isProbe,
      isAlive: isAlive === true && isWorthTelling ? true : before.isAlive,
      failures: isAlive === undefined ? before.failures : isAlive ? 0 : before.failures + 1,
      dueAt: earlier(before.dueAt, dueAt),
    })
  }
  return [...known.values()].filter(
    ({ isAlive, failures, dueAt }) => isAlive !== null || failures > 0 || dueAt !== null,
  )
}

function endingBefore(taken: Taken): Ending {
  const nextAttempt = instantOf(taken.nextAttemptAt)
  return {
    partnerId: taken.partnerId,
    notificationNo: taken.notificationNo,
    subjectNo: taken.subjectNo,
    taking: taken.taking,
    state: taken.state,
    reason: taken.reason,
    attempts: taken.attempts,
    firstAttemptAt: instantOf(taken.firstAttemptAt),
    nextAttemptAt: nextAttempt,
    dueAt: nextAttempt,
    settledAt: instantOf(taken.settledAt),
    isResent: false,
    notBefore: null,
    url: taken.url,
    endpoint: taken.endpoint,
    attempt: null,
  }
}

function keptAttempt(
  taken: Taken,
  { attempted, url, startedAt, latencyMs }: Extract<Outcome, { kind: 'attempted' }>,
): KeptAttempt {
  return {
    date: wibDate(startedAt),
    at: formatInstant(startedAt),
    isResend: taken.isResend,
    url,
    latencyMs: Math.round(latencyMs),
    status: attempted.status ?? null,
    reason: attempted.reason ?? null,
    headers: attempted.headers,
    body: attempted.body,
    answer: attempted.answer ?? null,
  }
}

function instantOf(date: Date | null): string | null {
  return date === null ? null : formatInstant(date.getTime())
}

/** Null stays: what is not due does not become so. */
function later(a: string | null, b: string): string | null {
  return a === null || a > b ? a : b
}

/** Instants in one form are in the order of their letters. */
function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}
