import { responseCode, responseMessage } from '@gerbang/snap'
import type { StoredReply } from '../reply.ts'
import { keepReply } from '../request-id/request-ids.ts'
import { claimUnbinding, type UnbindDeps, type UnbindRequest } from './claim.ts'
import { readCardTokenId } from './token-id.ts'
import type { Unbinding } from './unbinding.ts'

export interface UnbindAnswer {
  readonly reply: StoredReply
  /** Absent when an earlier reply is repeated. */
  readonly unbinding?: Unbinding
}

/** Due at once. */
const CARD = { operation: 'registration-card-unbind', kind: 'card', leaseMs: 0 } as const

/**
 * Service 05: everything is written in one commit, and the network is told afterwards by whoever takes what is due. A card that is
 * being unbound already is answered with the number of that unbinding. Throws the SnapErrors of the claim.
 */
export async function registrationCardUnbind(
  deps: UnbindDeps,
  request: UnbindRequest,
): Promise<UnbindAnswer> {
  const named = await readCardTokenId(deps, request)
  return deps.database.transaction(async (sql) => {
    const claimed = await claimUnbinding(sql, deps, request, { ...CARD, named })
    if ('reply' in claimed) return claimed
    const { unbinding } = claimed
    const reply = replyOf(unbinding)
    await keepReply(sql, claimed.request, reply)
    return { reply, unbinding }
  })
}

function replyOf({ referenceNo }: Unbinding): StoredReply {
  const reply = {
    responseCode: responseCode('registration-card-unbind', 'successful'),
    responseMessage: responseMessage('successful'),
    referenceNo,
  }
  return { status: 200, text: JSON.stringify(reply) }
}
