import pg from 'pg'

/** A query whose every interpolation is a parameter. Timestamps and dates come back as text only when cast in SQL. */
export type Sql = <Row extends object = Record<string, unknown>>(
  text: TemplateStringsArray,
  ...values: readonly unknown[]
) => Promise<readonly Row[]>

export interface Database {
  readonly sql: Sql
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
  return { sql: sqlOn(pool), close: () => pool.end() }
}

export function sqlOn(queryable: { query(config: object): Promise<{ rows: unknown[] }> }): Sql {
  return async <Row extends object>(text: TemplateStringsArray, ...values: readonly unknown[]) => {
    const numbered = text.reduce((sql, part, index) => (index === 0 ? part : `${sql}$${index}${part}`), '')
    const { rows } = await queryable.query({ text: numbered, values: [...values] })
    return rows as Row[]
  }
}
