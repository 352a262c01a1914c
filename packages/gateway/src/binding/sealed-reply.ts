import { type Operation, type Profile, SERVICE_CODES, SnapError } from '@gerbang/snap'
import type { Sql } from '../database/pool.ts'
import { responseCodeIn, type StoredReply } from '../reply.ts'
import { type RequestClaim, type RequestName, replayOrConflict } from '../request-id/request-id.ts'
import { claimRequest, keepReply } from '../request-id/request-ids.ts'
import type { Vault } from '../vault/vault.ts'

/**
 * Stores a reply with which somebody could go on: it holds the way to the hosted page, an authCode or a card's token, so it is
 * sealed but for its code.
 */
export async function keepSealed(
  sql: Sql,
  vault: Vault,
  request: RequestName,
  reply: StoredReply,
): Promise<void> {
  const sealed = vault.seal(reply.text, contextOf(request))
  const text = JSON.stringify({ responseCode: responseCodeIn(reply.text), sealed })
  await keepReply(sql, request, { status: reply.status, text })
}

/** A request as it is about to be claimed, for whatever number of ours. */
export interface AskedRequest extends RequestName {
  readonly profile: Profile
  /** 32 bytes: the keyed digest of what was asked. */
  readonly fingerprint: Buffer
}

/**
 * Claims a request for that number of ours, within the transaction of `sql`. Returns the first reply to the letter, with HTTP
 * 409, when it came before; undefined when it is new. Throws SnapError `conflict` when there is none to repeat.
 */
export async function claimOrReplay(
  sql: Sql,
  vault: Vault,
  request: AskedRequest & { readonly referenceNo: string },
): Promise<StoredReply | undefined> {
  const claim = await claimRequest(sql, request)
  return claim.kind === 'new' ? undefined : replay(vault, request, claim)
}

function replay(
  vault: Vault,
  request: AskedRequest,
  claim: Exclude<RequestClaim, { kind: 'new' }>,
): StoredReply {
  const { status, text } = replayOrConflict(claim, request.profile)
  const { sealed } = JSON.parse(text) as { sealed: string }
  try {
    return { status, text: vault.open(sealed, contextOf(request)) }
  } catch (cause) {
    // Its key has been rotated out since: there is no reply any more that could be repeated.
    throw new SnapError('conflict', { cause })
  }
}

/** By service code, what is kept in this way. */
const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  (['registration-card-bind', 'registration-account-binding', 'otp-verification', 'otp'] as const).map(
    (operation) => [SERVICE_CODES[operation].snap, operation],
  ),
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

function contextOf({
  partnerId,
  operation,
  externalId,
}: Pick<RequestName, 'partnerId' | 'operation' | 'externalId'>): string {
  return `${partnerId}|${operation}|${externalId}|reply`
}
