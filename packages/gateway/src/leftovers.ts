import { deleteOldAttempts as deleteOldBindingAttempts } from './binding/attempts/store.ts'
import type { Sql } from './database/pool.ts'
import { deleteEndedSessions } from './hosted/store.ts'
import { deleteOldOtpRequests } from './otp-request/store.ts'
import { deleteOldAttempts as deleteOldPaymentAttempts } from './payment/steps/store.ts'
import { deleteOldAttempts as deleteOldUnbindingAttempts } from './unbinding/codes/store.ts'

export interface LeftoverLimits {
  /** Epoch milliseconds. */
  readonly now: number
  /** Days for which a code that was tried is kept: as long as the reply to whoever tried it. */
  readonly attemptDays: number
  /** Rows of one statement, 1000 unless said. */
  readonly most?: number
}

/**
 * Forgets what has served its time: hosted pages that nobody can open any more, and codes that were tried on what has ended. Little at
 * a time, so that nobody waits for it; any number of processes may do it at once.
 */
export async function forgetLeftovers(
  sql: Sql,
  { now, attemptDays: days, most = 1000 }: LeftoverLimits,
  signal?: AbortSignal,
): Promise<void> {
  const steps = [
    () => deleteEndedSessions(sql, { now, most }),
    () => deleteOldBindingAttempts(sql, { now, days, most }),
    () => deleteOldPaymentAttempts(sql, { now, days, most }),
    () => deleteOldUnbindingAttempts(sql, { now, days, most }),
    () => deleteOldOtpRequests(sql, { now, days, most }),
  ]
  for (const step of steps) while (!signal?.aborted && (await step()) > 0);
}
