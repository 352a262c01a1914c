import { type Operation, type Profile, SERVICE_CODES, SnapError } from '@gerbang/snap'
import type { Sql } from '../database/pool.ts'
import { repeatedReply, responseCodeIn, type StoredReply } from '../reply.ts'
import type { Vault } from '../vault/vault.ts'
import { type RequestClaim, type RequestName, replayOrConflict } from './request-id.ts'
import { claimRequest, keepReply } from './request-ids.ts'

/**
 * Stores a reply with which somebody could go on: it holds the way to the hosted page, an authCode or a card's token, so it is
 * sealed but for its code. Returns what the partner is to be told, as `keepReply` does.
 */
export async function keepSealed(
  sql: Sql,
  vault: Vault,
  request: RequestName,
  reply: StoredReply,
): Promise<StoredReply> {
  return openReply(vault, request, await keepReply(sql, request, sealReply(vault, request, reply)))
}

/** The same reply as it may be stored: its code, and the rest sealed. */
export function sealReply(vault: Vault, request: SealedName, reply: StoredReply): StoredReply {
  const sealed = vault.seal(reply.text, contextOf(request))
  return { status: reply.status, text: JSON.stringify({ responseCode: responseCodeIn(reply.text), sealed }) }
}

const SEALED = /^\{"responseCode":"\d{7}","sealed":"([^"\\]+)"\}$/

/**
 * A stored reply as it was given, whether it is sealed or not. Throws SnapError `conflict` when its key has been rotated out since:
 * there is no reply any more that could be repeated.
 */
export function openReply(vault: Vault, request: SealedName, reply: StoredReply): StoredReply {
  const sealed = SEALED.exec(reply.text)?.[1]
  if (sealed === undefined) return reply
  try {
    return { ...reply, text: vault.open(sealed, contextOf(request)) }
  } catch (cause) {
    throw new SnapError('conflict', { cause })
  }
}

type SealedName = Pick<RequestName, 'partnerId' | 'operation' | 'externalId'>

/** A request as it is about to be claimed, for whatever number of ours. */
export interface AskedRequest extends RequestName {
  readonly profile: Profile
  /** 32 bytes: the keyed digest of what was asked. */
  readonly fingerprint: Buffer
}

/** A reply that nobody was left to give. */
export interface Rebuilt {
  readonly reply: StoredReply
  /** Whether it stays like this; else what is asked next may be told more. */
  readonly isFinal: boolean
}

/**
 * Claims a request for that number of ours, within the transaction of `sql`. Returns the first reply to the letter, with HTTP
 * 409, when it came before; undefined when it is new. `rebuild` is given the number that a request without a reply was claimed for,
 * and returns undefined while its process may still be at work. Throws SnapError `conflict` when there is no reply to repeat.
 */
export async function claimOrReplay(
  sql: Sql,
  vault: Vault,
  request: AskedRequest & { readonly referenceNo: string },
  rebuild?: (referenceNo: string) => Promise<Rebuilt | undefined>,
): Promise<StoredReply | undefined> {
  const claim = await claimRequest(sql, request)
  if (claim.kind === 'new') return undefined
  const claimedFor = claim.kind === 'running' ? claim.referenceNo : undefined
  const rebuilt = claimedFor === undefined ? undefined : await rebuild?.(claimedFor)
  if (rebuilt === undefined) return replay(vault, request, claim)
  const { reply, isFinal } = rebuilt
  const { text } = isFinal ? await keepSealed(sql, vault, request, reply) : reply
  return repeatedReply(text)
}

function replay(
  vault: Vault,
  request: AskedRequest,
  claim: Exclude<RequestClaim, { kind: 'new' }>,
): StoredReply {
  return openReply(vault, request, replayOrConflict(claim))
}

/** By service code, what is kept in this way. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  (
    [
      'registration-card-bind',
      'registration-account-binding',
      'otp-verification',
      'otp',
      'payment-host-to-host',
    ] as const
  ).map((operation) => [SERVICE_CODES[operation].snap, operation]),
)

export const SEALED_REPLY_SERVICES: readonly string[] = [...OPERATIONS.keys()]

/** The context of a reply that is kept under that key, for whoever seals it anew. */
export function sealedReplyContext(key: {
  readonly partnerId: string
  readonly serviceCode: string
  readonly externalId: string
}): string {
  return contextOf({ ...key, operation: OPERATIONS.get(key.serviceCode) ?? 'unknown' })
}

function contextOf({ partnerId, operation, externalId }: SealedName): string {
  return `${partnerId}|${operation}|${externalId}|reply`
}
