import { SERVICE_CODES, wibDate } from '@gerbang/snap'
import type { Sql } from '../database/pool.ts'
import { type StoredReply, storedReply } from '../reply.ts'
import type { RequestClaim, RequestName, RequestToClaim } from './request-id.ts'
import { claimRow, findRow, writeReply } from './store.ts'

/**
 * Claims a request within the transaction of `sql`. A twin that is being claimed at this moment is waited for: it commits
 * within milliseconds. Nothing but a claim uses up an external id.
 */
export async function claimRequest(sql: Sql, request: RequestToClaim): Promise<RequestClaim> {
  const key = keyOf(request)
  if (await claimRow(sql, key, request)) return { kind: 'new' }
  const row = await findRow(sql, key)
  // It was there a moment ago, and only a day's end takes a row away.
  if (row === undefined) return { kind: 'running' }
  if (!row.fingerprint.equals(request.fingerprint)) return { kind: 'other-body' }
  return row.reply === null ? { kind: 'running' } : { kind: 'replay', reply: storedReply(row.reply) }
}

/** Stores the reply of a claimed request, within the transaction that makes it true. */
export async function keepReply(sql: Sql, request: RequestName, reply: StoredReply): Promise<void> {
  await writeReply(sql, keyOf(request), reply.text)
}

/** Whether the partner's external id was claimed for this operation on that day, whatever became of it. */
export async function isRequestUsed(sql: Sql, request: RequestName): Promise<boolean> {
  return (await findRow(sql, keyOf(request))) !== undefined
}

/** Request ids are unique per service, whatever the partner's response-code profile. */
function keyOf({ partnerId, operation, externalId, claimedAt }: RequestName) {
  const serviceCode = SERVICE_CODES[operation].snap
  return { partnerId, requestDate: wibDate(claimedAt), serviceCode, externalId }
}
