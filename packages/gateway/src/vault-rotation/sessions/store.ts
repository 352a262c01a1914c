import type { Sql } from '../../database/pool.ts'

/** What is connected to this database, by name. Names are shown to every role. */
export function listSessions(
  sql: Sql,
): Promise<readonly { readonly name: string; readonly count: number }[]> {
  return sql<{ name: string; count: number }>`
    select application_name as name, count(*)::integer as count from pg_stat_activity
     where datname = current_database() and application_name like 'gerbang%'
     group by application_name order by application_name`
}
