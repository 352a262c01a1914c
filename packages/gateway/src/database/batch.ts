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
export type Parameter = string | Buffer | null

export interface BatchCall {
  readonly values: readonly Parameter[]
}

/** Calls of one statement that go out as one: its first parameters are what they share, the others arrays. */
export interface Group {
  readonly statement: Statement
  readonly shared: readonly string[]
  readonly calls: readonly BatchCall[]
}

type BatchResult =
  /** For each group the rows of its calls, in their order. */
  | { readonly kind: 'committed'; readonly rows: readonly (readonly (Row | undefined)[])[] }
  | { readonly kind: 'refused'; readonly error: Error }

/**
 * Bind and Execute for each group and one Sync: one implicit transaction, hence one commit and one flush for all of them.
 * The statements must have been prepared on the connection. The first column of a row says which call of the group it
 * answers, counted from 1; of two rows for the same call the first one counts.
 *
 * pg does not report ReadyForQuery to a query that has met an error, so either handler ends the batch.
 */
export class Batch implements Submittable {
  readonly #groups: readonly Group[]
  readonly #rows: (Row | undefined)[][] = []
  #current: (Row | undefined)[] = []
  readonly #end: (result: BatchResult) => void

  constructor(groups: readonly Group[], end: (result: BatchResult) => void) {
    this.#groups = groups
    this.#end = end
  }

  submit(connection: Connection): void {
    connection.stream.write(encodeBatch(this.#groups))
  }

  handleDataRow(message: { fields: Row }): void {
    const place = Number(message.fields[0]) - 1
    this.#current[place] ??= message.fields
  }

  handleCommandComplete(): void {
    this.#rows.push(this.#current)
    this.#current = []
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
