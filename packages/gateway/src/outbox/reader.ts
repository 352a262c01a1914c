import type { Sql } from '../database/pool.ts'
import { moveReader, readEvents } from './store.ts'

export { unreadSeconds } from './store.ts'

/** An event as a reader finds it. The body is whatever was written: a reader looks before it believes. */
export interface ReadEvent {
  readonly partnerId: string
  readonly referenceNo: string
  readonly sequence: number
  readonly type: string
  readonly body: unknown
  /** ISO 8601, when it happened. */
  readonly at: string
}

export interface Reading {
  readonly events: readonly ReadEvent[]
  /** Events that were passed, wanted or not. */
  readonly passed: number
}

/**
 * Takes the next events of these types and, in the same transaction, does with them what `use` does: each event is used by one
 * reader of that name, once. At most about `most` events, whole transactions at a time. Passes none while another process reads.
 */
export async function readOutbox(
  sql: Sql,
  wanted: { readonly reader: string; readonly types: readonly string[]; readonly most: number },
  use: (events: readonly ReadEvent[]) => Promise<void>,
): Promise<Reading> {
  const { upTo, ...reading } = await readEvents(sql, wanted)
  if (upTo === null) return reading
  if (reading.events.length > 0) await use(reading.events)
  await moveReader(sql, wanted.reader, upTo)
  return reading
}
