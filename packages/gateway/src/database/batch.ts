import type pg from 'pg'
import type { Connection, Submittable } from 'pg'
import { encodeBatch } from './bind.ts'

/** One prepared statement. The name is unique per text: it is the name under which the server keeps the plan. */
export interface Statement {
  readonly name: string
  readonly text: string
}

export type Cell = string | null
export type Row = readonly Cell[]
export type Parameter = string | number | bigint | Buffer | null | readonly string[]

export interface BatchCall {
  readonly statement: Statement
  readonly values: readonly Parameter[]
}

type BatchResult =
  | { readonly kind: 'committed'; readonly rows: readonly (Row | undefined)[] }
  | { readonly kind: 'refused'; readonly error: Error }

/**
 * N × Bind/Execute and one Sync: one implicit transaction, hence one commit and one flush for all of them.
 * The statements must have been prepared on the connection. Each call yields at most one row.
 *
 * pg does not report ReadyForQuery to a query that has met an error, so either handler ends the batch.
 */
export class Batch implements Submittable {
  readonly #calls: readonly BatchCall[]
  readonly #rows: (Row | undefined)[] = []
  #row: Row | undefined
  readonly #end: (result: BatchResult) => void

  constructor(calls: readonly BatchCall[], end: (result: BatchResult) => void) {
    this.#calls = calls
    this.#end = end
  }

  submit(connection: Connection): void {
    connection.stream.write(encodeBatch(this.#calls))
  }

  handleDataRow(message: { fields: Row }): void {
    this.#row = message.fields
  }

  handleCommandComplete(): void {
    this.#rows.push(this.#row)
    this.#row = undefined
  }

  handleReadyForQuery(): void {
    this.#end({ kind: 'committed', rows: this.#rows })
  }

  handleError(error: Error): void {
    this.#end({ kind: 'refused', error })
  }

  handleRowDescription(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
}

/** Parses the statements on a fresh connection; rejects when the database does not know what they call. */
export async function prepare(client: pg.Client, statements: readonly Statement[]): Promise<void> {
  for (const { name, text } of statements) {
    await new Promise<void>((resolve, reject) => {
      client.query(new Preparation(name, text, (error) => (error ? reject(error) : resolve())))
    })
  }
}

class Preparation implements Submittable {
  readonly #name: string
  readonly #text: string
  readonly #end: (error?: Error) => void

  constructor(name: string, text: string, end: (error?: Error) => void) {
    this.#name = name
    this.#text = text
    this.#end = end
  }

  submit(connection: Connection): void {
    connection.parse({ name: this.#name, text: this.#text, types: [] }, true)
    connection.sync()
  }

  handleReadyForQuery(): void {
    this.#end()
  }

  handleError(error: Error): void {
    this.#end(error)
  }

  handleParseComplete(): void {}
}
