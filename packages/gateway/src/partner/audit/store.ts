import type { Sql } from '../../database/pool.ts'

/** Members of a partner, as an operator sees them. */
export type Facts = Readonly<Record<string, unknown>>

export interface AuditRow {
  readonly entryNo: string
  readonly at: Date
  readonly who: string
  readonly action: string
  readonly before: Facts
  readonly after: Facts
}

export async function addEntry(sql: Sql, partnerId: string, entry: Omit<AuditRow, 'entryNo'>): Promise<void> {
  await sql`
    insert into partner_audit (partner_id, at, who, action, before, after)
    values (${partnerId}, ${entry.at}, ${entry.who}, ${entry.action}, ${JSON.stringify(entry.before)},
            ${JSON.stringify(entry.after)})`
}

/** The newest first, those before a number where one is given. */
export function listEntries(
  sql: Sql,
  partnerId: string,
  { before, most }: { readonly before: string | undefined; readonly most: number },
): Promise<readonly AuditRow[]> {
  return sql<AuditRow>`
    select entry_no::text as "entryNo", at, who, action, before, after from partner_audit
     where partner_id = ${partnerId} and (${before ?? null}::bigint is null or entry_no < ${before ?? null}::bigint)
     order by entry_no desc limit ${most}`
}
