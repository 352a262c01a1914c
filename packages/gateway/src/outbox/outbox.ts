import type { Sql } from '../database/pool.ts'
import { insertEvent } from './store.ts'

/** What happened, for those who were not there. The body names things by their numbers, never a card, a code or a token. */
export interface OutgoingEvent {
  readonly partnerId: string
  /** The number of the payment, refund, binding or unbinding that it happened to. */
  readonly referenceNo: string
  /** 1, 2, 3 … for each number. */
  readonly sequence: number
  /** `card.unbinding.requested.v1` */
  readonly type: string
  readonly body: object
  /** Epoch milliseconds. */
  readonly at: number
}

/** Writes an event into the transaction that makes it true. */
export function writeEvent(sql: Sql, event: OutgoingEvent): Promise<void> {
  return insertEvent(sql, event)
}
