import type { Sql } from './pool.ts'

const PARTITIONED = ['request_ids', 'outbox'] as const
const DAY_MS = 86_400_000

/**
 * Makes the partitions of today and of the days ahead, and drops request ids older than `keepDays`. Events are kept:
 * only a relay may say that they are no longer needed. Days are dates of Jakarta, `YYYY-MM-DD`. Does what can be done
 * and then throws the first fault: somebody who locks one table must not keep the days of the other from being made.
 */
export async function keepPartitions(
  sql: Sql,
  today: string,
  limits: { aheadDays: number; keepDays: number },
): Promise<void> {
  const days = Array.from({ length: limits.aheadDays + 2 }, (_, index) => addDays(today, index - 1))
  const made = await Promise.allSettled(PARTITIONED.map((table) => makeDays(sql, table, days)))
  await sql`select drop_day_partitions_v1('request_ids', ${today}::date, ${limits.keepDays}::integer)`
  const failed = made.find((one) => one.status === 'rejected')
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
