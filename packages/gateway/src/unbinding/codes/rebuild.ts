import type { Channel } from '../../channels/channel.ts'
import type { Clock } from '../../clock.ts'
import type { Sql } from '../../database/pool.ts'
import type { AskedRequest, Rebuilt } from '../../request-id/sealed-reply.ts'
import { verificationReply } from './reply.ts'
import { findAttemptOf, findByReference } from './store.ts'

export interface RebuildDeps {
  readonly clock: Clock
  readonly channels: readonly Channel[]
  /** How long after the claim a request has ended one way or the other, in milliseconds. */
  readonly leaseMs: number
}

/** What a code is told whose process has died: how it ended, or that nobody knows yet. Undefined while it may still be at work. */
export async function rebuild(
  sql: Sql,
  { clock, channels, leaseMs }: RebuildDeps,
  { partnerId, externalId, profile }: AskedRequest,
  referenceNo: string,
): Promise<Rebuilt | undefined> {
  const name = { partnerId, referenceNo }
  const unbinding = await findByReference(sql, name)
  const tried = await findAttemptOf(sql, name, externalId)
  if (unbinding === undefined || tried === undefined) return undefined
  const isOver = unbinding.state === 'completed' || unbinding.state === 'failed'
  const isFinal = isOver || tried.isWrong
  if (!isFinal && clock.now() < tried.triedAt + leaseMs) return undefined
  return { reply: verificationReply(channels, unbinding, { isWrong: tried.isWrong, profile }), isFinal }
}
