import type { Clock } from '../../clock.ts'
import type { Sql } from '../../database/pool.ts'
import { unreadSeconds } from '../../outbox/reader.ts'
import type { NotificationMetrics } from '../metrics.ts'
import { READER } from '../relay.ts'
import { countBacklog, deleteOld, giveUpOld, wakeEndpoints } from './store.ts'

export interface UpkeepOptions {
  readonly sql: Sql
  readonly clock: Clock
  readonly expiryMs: number
  readonly keepMs: number
  readonly onGivenUp: (count: number) => void
}

const MOST_AT_ONCE = 1000

/** Once in a while: gives up what waited too long, forgets what is old. */
export async function keepNotifications(options: UpkeepOptions, signal: AbortSignal): Promise<void> {
  const { sql, clock, expiryMs, keepMs } = options
  const now = clock.now()
  await repeat(signal, async () => {
    const count = await giveUpOld(sql, { now, before: now - expiryMs, most: MOST_AT_ONCE })
    if (count > 0) options.onGivenUp(count)
    return count
  })
  await repeat(signal, () => deleteOld(sql, { before: now - keepMs, most: MOST_AT_ONCE }))
  await wakeEndpoints(sql)
}

export async function measureBacklog(sql: Sql, now: number, metrics: NotificationMetrics): Promise<void> {
  const backlog = await countBacklog(sql, now)
  metrics.setBacklog({ ...backlog, unreadSeconds: await unreadSeconds(sql, READER, now) })
}

async function repeat(signal: AbortSignal, step: () => Promise<number>): Promise<void> {
  while (!signal.aborted && (await step()) > 0);
}
