import { type Operation, SnapError } from '@gerbang/snap'
import { repeatedReply, type StoredReply } from '../reply.ts'

/** Which request this is: an external id may be used once per partner, service and Jakarta day. */
export interface RequestName {
  readonly partnerId: string
  readonly operation: Operation
  readonly externalId: string
  /** Epoch milliseconds of the claim; its Jakarta day counts. */
  readonly claimedAt: number
}

/** A request that is claimed: what it was about, and under which number of ours. */
export interface RequestToClaim extends RequestName {
  /** 32 bytes: the keyed digest of the canonical body. */
  readonly fingerprint: Buffer
  readonly referenceNo: string
}

/** Who was first. `replay` carries the reply that was stored for the same body. */
export type RequestClaim =
  | { readonly kind: 'new' }
  /** No reply is stored: it is being answered, or its process has died. Under which number it was claimed is known but for a moment. */
  | { readonly kind: 'running'; readonly referenceNo?: string }
  | { readonly kind: 'other-body' }
  | { readonly kind: 'replay'; readonly reply: StoredReply }

/**
 * The answer to a request whose external id was used before: the first reply. Whether its partner is given that or a bare conflict is
 * for whoever sends it to say. Throws SnapError `conflict` when there is no reply to repeat.
 */
export function replayOrConflict(claim: Exclude<RequestClaim, { kind: 'new' }>): StoredReply {
  if (claim.kind !== 'replay') throw new SnapError('conflict')
  return repeatedReply(claim.reply.text)
}
