import { setTimeout as wait } from 'node:timers/promises'

/** Time as an argument: a test, or a seeded scheduler, puts its own in place. */
export interface Clock {
  /** Milliseconds since 1970 by the wall clock. */
  now(): number
  /** Resolves after `ms`, or early and quietly when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => wait(ms, undefined, signal ? { signal } : {}).catch(() => {}),
}
