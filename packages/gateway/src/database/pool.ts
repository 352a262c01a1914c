import pg from 'pg'

/** A query whose every interpolation is a parameter. Timestamps and dates come back as text only when cast in SQL. */
export type Sql = <Row extends object = Record<string, unknown>>(
  text: TemplateStringsArray,
  ...values: readonly unknown[]
) => Promise<readonly Row[]>

export interface Database {
  readonly sql: Sql
  /** Why the database cannot serve, or undefined when it can. */
  findFault(): Promise<string | undefined>
  close(): Promise<void>
}

export interface DatabaseOptions {
  readonly url: string
  readonly connections: number
  readonly timeoutMs: number
  readonly onFault?: (error: Error) => void
}

/** The pool for everything but claim and settle: reading, reconciling, keeping house. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connections,
    connectionTimeoutMillis: options.timeoutMs,
    query_timeout: options.timeoutMs,
    statement_timeout: options.timeoutMs,
    application_name: 'gerbang',
    keepAlive: true,
  })
  pool.on('error', (error) => options.onFault?.(error))
  const sql = sqlOn(pool)
  return { sql, findFault: () => findFault(sql), close: () => pool.end() }
}

async function findFault(sql: Sql): Promise<string | undefined> {
  const rows = await sql`select 1 from partners limit 1`.catch(() => undefined)
  return rows === undefined ? 'the database does not answer' : undefined
}

export function sqlOn(queryable: { query(config: object): Promise<{ rows: unknown[] }> }): Sql {
  return async <Row extends object>(text: TemplateStringsArray, ...values: readonly unknown[]) => {
    const numbered = text.reduce((sql, part, index) => (index === 0 ? part : `${sql}$${index}${part}`), '')
    const { rows } = await queryable.query({ text: numbered, values: [...values] })
    return rows as Row[]
  }
}
