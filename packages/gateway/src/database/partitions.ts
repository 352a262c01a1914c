import type { Sql } from './pool.ts'

const PARTITIONED = ['request_ids', 'outbox', 'notification_attempts'] as const
const DAY_MS = 86_400_000

export interface PartitionLimits {
  readonly aheadDays: number
  /** Days for which request ids are kept. */
  readonly keepDays: number
  /** Days for which events are kept; longer while somebody has still to read them. */
  readonly outboxDays: number
  /** Days for which attempts to notify are kept. */
  readonly attemptDays: number
}

/**
 * Makes the partitions of today and of the days ahead, and drops those whose days are over. Days are dates of Jakarta,
 * `YYYY-MM-DD`. Does what can be done and then throws the first fault: somebody who locks one table must not keep the days of
 * the others from being made.
 */
export async function keepPartitions(sql: Sql, today: string, limits: PartitionLimits): Promise<void> {
  const { aheadDays, keepDays, outboxDays, attemptDays } = limits
  const days = Array.from({ length: aheadDays + 2 }, (_, index) => addDays(today, index - 1))
  const done = [
    ...(await Promise.allSettled(PARTITIONED.map((table) => makeDays(sql, table, days)))),
    ...(await Promise.allSettled([
      sql`select drop_day_partitions_v1('request_ids', ${today}::date, ${keepDays}::integer)`,
      sql`select drop_day_partitions_v1('notification_attempts', ${today}::date, ${attemptDays}::integer)`,
      sql`select drop_read_outbox_v1(${today}::date, ${outboxDays}::integer)`,
    ])),
  ]
  const failed = done.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

/** Somebody holds a lock that was not worth waiting for. What takes its place meanwhile is the default partition. */
export function isLockedOut(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === '55P03'
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

async function makeDays(sql: Sql, table: string, days: readonly string[]): Promise<void> {
  await sql`select create_day_partition_v1(${table}, null::date)`
  for (const day of days) await sql`select create_day_partition_v1(${table}, ${day}::date)`
}
