import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'

/** A query whose every interpolation is a parameter. Timestamps and dates come back as text only when cast in SQL. */
export type Sql = <Row extends object = Record<string, unknown>>(
  text: TemplateStringsArray,
  ...values: readonly unknown[]
) => Promise<readonly Row[]>

export interface Database {
  readonly sql: Sql
  /**
   * Runs the work on one connection and commits, or rolls back and rethrows. A commit whose answer is lost rejects too: what was
   * written is then found by its key, so work begins by looking. Never speak to a network in here.
   */
  transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>
  /** Why the database cannot serve, or undefined when it can. */
  findFault(): Promise<string | undefined>
  close(): Promise<void>
}

export interface DatabaseOptions {
  readonly url: string
  readonly connections: number
  readonly timeoutMs: number
  /** What the database's list of sessions calls it; a tool when absent. */
  readonly name?: string
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
    application_name: options.name ?? 'gerbang-tool',
    // A process that stops in the middle of a transaction must not keep its locks.
    idle_in_transaction_session_timeout: options.timeoutMs,
    keepAlive: true,
  })
  pool.on('error', (error) => options.onFault?.(error))
  const sql = sqlOn(pool)
  return {
    sql,
    transaction: (work) => transact(pool, work),
    findFault: openProbe(sql),
    close: () => pool.end(),
  }
}

async function transact<Result>(pool: pg.Pool, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  const client = await pool.connect()
  let isBroken = false
  // A connection that breaks while nothing is asked of it says so by an event, and one that nobody hears ends the process.
  const onError = () => {
    isBroken = true
  }
  client.on('error', onError)
  try {
    await client.query('begin')
    const result = await work(sqlOn(client))
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch(() => {
      isBroken = true
    })
    throw error
  } finally {
    client.off('error', onError)
    // A connection that cannot even roll back is closed, which rolls back as well.
    client.release(isBroken)
  }
}

/** Whoever asks gives up sooner than a query does, and takes the process for hung. */
const PROBE_MS = 2_000
const SILENT = 'the database does not answer'

/** However many ask at once, one query finds out: a database that hangs must not be asked more and more often. */
function openProbe(sql: Sql): () => Promise<string | undefined> {
  let underway: Promise<string | undefined> | undefined
  return () => {
    underway ??= findFault(sql).finally(() => {
      underway = undefined
    })
    return Promise.race([underway, wait(PROBE_MS, SILENT, { ref: false })])
  }
}

/** A standby, too, makes every transaction read-only. */
async function findFault(sql: Sql): Promise<string | undefined> {
  const rows = await sql<{ isReadOnly: boolean }>`
    select current_setting('transaction_read_only')::boolean as "isReadOnly", exists (select from partners)`.catch(
    () => [],
  )
  if (rows[0] === undefined) return SILENT
  return rows[0].isReadOnly ? 'the database is read-only' : undefined
}

export function sqlOn(queryable: { query(config: object): Promise<{ rows: unknown[] }> }): Sql {
  return async <Row extends object>(text: TemplateStringsArray, ...values: readonly unknown[]) => {
    const numbered = text.reduce((sql, part, index) => (index === 0 ? part : `${sql}$${index}${part}`), '')
    const { rows } = await queryable.query({ text: numbered, values: [...values] })
    return rows as Row[]
  }
}
