import type { Sql } from './pool.ts'

const PARTITIONED = ['request_ids', 'outbox'] as const
const DAY_MS = 86_400_000

/**
 * Makes the partitions of today and of the days ahead, and drops request ids older than `keepDays`. Events are kept:
 * only a relay may say that they are no longer needed. Days are dates of Jakarta, `YYYY-MM-DD`.
 */
export async function keepPartitions(
  sql: Sql,
  today: string,
  limits: { aheadDays: number; keepDays: number },
): Promise<void> {
  for (const table of PARTITIONED) {
    await sql`select create_day_partition_v1(${table}, null::date)`
    for (let ahead = -1; ahead <= limits.aheadDays; ahead++)
      await sql`select create_day_partition_v1(${table}, ${addDays(today, ahead)}::date)`
  }
  await sql`select drop_day_partitions_v1('request_ids', ${today}::date, ${limits.keepDays}::integer)`
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}
