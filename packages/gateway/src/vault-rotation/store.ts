import type { Sql } from '../database/pool.ts'

/** A row by the values of its primary key, in their order. */
export type Key = readonly string[]

export interface SealedRow {
  readonly key: Key
  /** Null where there is nothing sealed. */
  readonly sealed: string | null
}

export interface Change {
  readonly key: Key
  readonly old: string
  readonly new: string
}

/** Sealed values of one column, read and written a bounded number at a time in the order of the primary key. */
export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** The rows after a place, at most so many, and where to go on; no such place at the end. */
  read(sql: Sql, after: Key, most: number): Promise<{ rows: readonly SealedRow[]; next: Key | undefined }>
  /** Writes what still stands as it was read and is held by nobody, and returns how many rows that were. */
  write(sql: Sql, changes: readonly Change[]): Promise<number>
  /** How many values are sealed under which key. */
  count(sql: Sql): Promise<ReadonlyMap<string, number>>
}

export const START: Key = []
const COUNTED_AT_ONCE = 10_000

/** A column of a table whose key is partner_id, or partner_id and a number. */
export function sealedColumn(table: string, column: string, number: string | null): SealedColumn {
  return {
    table,
    column,
    async read(sql, [partnerId = '', after = ''], most) {
      const found = await sql<{ partnerId: string; number: string; sealed: string | null }>`
        select partner_id as "partnerId", number, sealed
          from read_sealed_v1(${table}, ${number}, ${column}, ${partnerId}, ${after}, ${most})`
      const rows = found.map((row) => ({ key: [row.partnerId, row.number], sealed: row.sealed }))
      return { rows, next: rows.length < most ? undefined : rows.at(-1)?.key }
    },
    async write(sql, changes) {
      const rows = await sql<{ written: number }>`
        select write_sealed_v1(
          ${table}, ${number}, ${column}, ${part(changes, 0)}::text[], ${part(changes, 1)}::text[],
          ${changes.map(({ old }) => old)}::text[], ${changes.map((change) => change.new)}::text[]) as written`
      return rows[0]?.written ?? 0
    },
    async count(sql) {
      const counts = new Map<string, number>()
      for (let [partnerId, after] = ['', '']; ; ) {
        const rows = await sql<{ key: string | null; n: number; partnerId: string; last: string }>`
          select key_id as key, n, last_partner as "partnerId", last_number as last
            from count_sealed_v1(${table}, ${number}, ${column}, ${partnerId}, ${after}, ${COUNTED_AT_ONCE})`
        const [first] = rows
        if (first === undefined) return counts
        partnerId = first.partnerId
        after = first.last
        for (const { key, n } of rows) if (key !== null) add(counts, key, n)
      }
    },
  }
}

/** Kept replies of these services. The key is partner, day, service and external id. */
export function sealedReplies(
  services: readonly string[],
  keyIdOf: (sealed: string) => string,
): SealedColumn {
  const firstService = services[0] ?? ''
  /** The service after this one on the same day, or the first one of the day after. */
  async function following(sql: Sql, [partnerId = '', day = '-infinity', service]: Key) {
    const at = service === undefined ? -1 : services.indexOf(service)
    const later = at < 0 ? undefined : services[at + 1]
    if (later !== undefined) return [partnerId, day, later, '']
    const rows = await sql<{ partnerId: string; day: string }>`
      select partner_id as "partnerId", request_date::text as day
        from next_reply_day_v1(${partnerId}, ${day}::date)`
    return rows[0] && [rows[0].partnerId, rows[0].day, firstService, '']
  }

  const replies: SealedColumn = {
    table: 'request_ids',
    column: 'reply',
    async read(sql, after, most) {
      const [partnerId, day, service, externalId] = after
      if (service === undefined) return { rows: [], next: await following(sql, after) }
      const found = await sql<{ externalId: string; sealed: string | null }>`
        select external_id as "externalId", sealed
          from read_sealed_replies_v1(${partnerId}, ${day}::date, ${service}, ${externalId}, ${most})`
      const rows = found.map((row) => ({
        key: [partnerId ?? '', day ?? '', service, row.externalId],
        sealed: row.sealed,
      }))
      return { rows, next: rows.length < most ? await following(sql, after) : rows.at(-1)?.key }
    },
    async write(sql, changes) {
      const [first] = changes
      if (first === undefined) return 0
      // Whatever was read at once is of one partner, one day and one service.
      const [partnerId, day, service] = first.key
      const rows = await sql<{ written: number }>`
        select write_sealed_replies_v1(
          ${partnerId}, ${day}::date, ${service}, ${part(changes, 3)}::text[], ${changes.map(({ old }) => old)}::text[],
          ${changes.map((change) => change.new)}::text[]) as written`
      return rows[0]?.written ?? 0
    },
    async count(sql) {
      const counts = new Map<string, number>()
      for (let after: Key | undefined = START; after !== undefined; ) {
        const { rows, next } = await replies.read(sql, after, COUNTED_AT_ONCE)
        for (const { sealed } of rows) if (sealed !== null) add(counts, keyIdOf(sealed), 1)
        after = next
      }
      return counts
    },
  }
  return replies
}

function part(changes: readonly Change[], place: number): readonly string[] {
  return changes.map(({ key }) => key[place] ?? '')
}

function add(counts: Map<string, number>, key: string, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n)
}
