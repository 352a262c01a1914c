import { SnapError } from '@gerbang/snap'
import type { Database, Sql } from '../database/pool.ts'
import { writeEvent } from '../outbox/outbox.ts'
import type { RequestClaim } from '../request-id/request-id.ts'
import { claimRequest, keepReply } from '../request-id/request-ids.ts'
import { eventOf } from './events.ts'
import type { OpenRefund, RefundOrder } from './open-refund.ts'
import { REFUND_STATES } from './states.ts'
import {
  findRoom,
  findStanding,
  findTwin,
  insertRefund,
  moveRefund,
  type Room,
  release,
  reserve,
} from './store.ts'
import { replyOf, type Standing, type Verdict } from './verdict.ts'

/*
 * Each function is one transaction, and both take their locks in one order: the request id, the refund, the balance. A
 * transaction takes one of each at most, so no two can wait for each other, and the balance, where all refunds of a payment
 * meet, is held for the shortest time.
 */

/**
 * Claims the request id, the partnerRefundNo and the amount, or nothing of it. Says who was first when the request id is taken.
 * Throws SnapError: for a partnerRefundNo that was used, `duplicatePartnerReferenceNo`, or `inconsistentRequest` when it
 * stood for other content or for a refund that failed; when all is refunded, `invalidTransactionStatus`; when there
 * is no room for the amount, `invalidAmount`.
 */
export function claimRefund(
  database: Pick<Database, 'transaction'>,
  order: RefundOrder,
  dueAt: number,
): Promise<RequestClaim> {
  const { refund, fingerprint } = order
  return database.transaction(async (sql) => {
    const request = await claimRequest(sql, {
      ...requestOf(refund),
      fingerprint,
      referenceNo: refund.refundNo,
    })
    if (request.kind !== 'new') return request
    // Who throws here rolls back, and the request id is as unused as before.
    if (!(await insertRefund(sql, refund, dueAt)))
      throw new SnapError(refusalOf(refund, await findTwin(sql, refund)))
    if (await reserve(sql, refund)) return request
    throw new SnapError(lackOf(await findRoom(sql, refund)))
  })
}

/**
 * Why there is plainly no room for a refund, found without writing a row. Undefined means that only the claim can tell, and
 * so it is when the partnerRefundNo is used: that comes first.
 */
export async function findLack(sql: Sql, refund: OpenRefund): Promise<ReturnType<typeof lackOf> | undefined> {
  const room = await findRoom(sql, refund)
  const isPlain = room !== undefined && !room.isNumberUsed && room.leftMinor < refund.amountMinor
  return isPlain ? lackOf(room) : undefined
}

function lackOf(room: Room | undefined) {
  return room?.isFullyRefunded || room?.isCalledOff ? 'invalidTransactionStatus' : 'invalidAmount'
}

/**
 * Whether a used partnerRefundNo means the same refund: the same amount of the same payment, and it moved money or may yet.
 * One that failed keeps its number, and to call it a duplicate would say that it succeeded.
 */
function refusalOf(refund: OpenRefund, twin: Awaited<ReturnType<typeof findTwin>>) {
  const isSame =
    twin?.originalReferenceNo === refund.originalReferenceNo && twin.amountMinor === refund.amountMinor
  return isSame && twin.state !== 'failed' ? 'duplicatePartnerReferenceNo' : 'inconsistentRequest'
}

export interface Settlement {
  readonly refund: OpenRefund
  readonly verdict: Verdict
  readonly now: number
  /** When to inquire next; ignored for a final state. */
  readonly dueAt: number
}

/**
 * State, balance, stored reply and event in one commit, if the refund is still open; returns what stands then. A refund that
 * failed gives its amount free. Safe to repeat.
 */
export function settleRefund(
  database: Pick<Database, 'transaction'>,
  settlement: Settlement,
): Promise<Standing> {
  const { refund, verdict, now } = settlement
  const { isFinal } = REFUND_STATES[verdict.state]
  return database.transaction(async (sql) => {
    const sequence = await moveRefund(sql, settlement)
    if (sequence === undefined) return findStanding(sql, refund)
    const isFullyRefunded = isFinal ? await release(sql, refund, verdict.state === 'refunded') : false
    const standing = {
      state: verdict.state,
      outcome: verdict.outcome,
      settledAt: isFinal ? now : undefined,
    }
    await keepReply(sql, requestOf(refund), replyOf(refund, standing))
    await writeEvent(sql, eventOf(refund, { verdict, sequence, isFullyRefunded, now }))
    return standing
  })
}

function requestOf({ partnerId, externalId, createdAt }: OpenRefund) {
  return { partnerId, externalId, operation: 'refund', claimedAt: createdAt } as const
}
