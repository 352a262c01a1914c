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
  const { fingerprint, reply, referenceNo } = row
  if (!fingerprint.equals(request.fingerprint)) return { kind: 'other-body' }
  return reply === null ? { kind: 'running', referenceNo } : { kind: 'replay', reply: storedReply(reply) }
}

/**
 * Stores the reply of a claimed request, within the transaction that makes it true. Returns what the partner is to be told: this
 * one, or the one with which another has ended the request before. Only a reply that says that the end is not known gives way.
 */
export async function keepReply(sql: Sql, request: RequestName, reply: StoredReply): Promise<StoredReply> {
  const key = keyOf(request)
  if (await writeReply(sql, key, reply.text)) return reply
  const standing = (await findRow(sql, key))?.reply
  return typeof standing === 'string' ? storedReply(standing) : reply
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
