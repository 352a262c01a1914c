import type { Sql } from '../database/pool.ts'

/** Where sealed values stand. */
export interface SealedColumn {
  readonly table: string
  /** The second part of the primary key; null where partner_id is all of it. */
  readonly number: string | null
  readonly column: string
}

/** A place in the order of the primary key. */
export interface Place {
  readonly partnerId: string
  readonly number: string
}

export const START: Place = { partnerId: '', number: '' }

export interface SealedRow extends Place {
  /** Null where there is nothing sealed. */
  readonly sealed: string | null
}

export interface Change extends Place {
  readonly old: string
  readonly new: string
}

/** The rows after a place, at most so many. */
export async function readSealed(
  sql: Sql,
  { table, number, column }: SealedColumn,
  after: Place,
  most: number,
): Promise<readonly SealedRow[]> {
  return sql<SealedRow>`
    select partner_id as "partnerId", number, sealed
      from read_sealed_v1(${table}, ${number}, ${column}, ${after.partnerId}, ${after.number}, ${most})`
}

/** How many rows are sealed under which key, read in stretches of at most `most` rows. */
export async function countByKey(
  sql: Sql,
  { table, number, column }: SealedColumn,
  most: number,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for (let after = START; ; ) {
    const rows = await sql<{ key: string | null; n: number; partnerId: string; last: string }>`
      select key_id as key, n, last_partner as "partnerId", last_number as last
        from count_sealed_v1(${table}, ${number}, ${column}, ${after.partnerId}, ${after.number}, ${most})`
    const [first] = rows
    if (first === undefined) return counts
    after = { partnerId: first.partnerId, number: first.last }
    for (const { key, n } of rows) if (key !== null) counts.set(key, (counts.get(key) ?? 0) + n)
  }
}

/** Writes what still stands as it was read, and returns how many rows that were. */
export async function writeSealed(
  sql: Sql,
  { table, number, column }: SealedColumn,
  changes: readonly Change[],
): Promise<number> {
  const rows = await sql<{ written: number }>`
    select write_sealed_v1(
      ${table}, ${number}, ${column}, ${changes.map((change) => change.partnerId)}::text[],
      ${changes.map((change) => change.number)}::text[], ${changes.map(({ old }) => old)}::text[],
      ${changes.map((change) => change.new)}::text[]) as written`
  return rows[0]?.written ?? 0
}
