import {
  beginUnbinding,
  type CardToKeep,
  cardLookup,
  keepCard,
  lockCardToken,
} from '../card-token/card-token.ts'
import type { Sql } from '../database/pool.ts'
import { writeEvent } from '../outbox/outbox.ts'
import type { Vault } from '../vault/vault.ts'
import { requestedEvent } from './events.ts'
import { insertUnbinding } from './store.ts'
import type { Unbinding } from './unbinding.ts'

/**
 * The network has given a token for what is not kept after all, because somebody else has it already. Within the transaction of `sql`
 * the token is kept as one that is being unbound, so that whoever takes what is due has the network forget it. Nobody is told of it,
 * so nobody can pay with it, and nothing finds it by the number of the account.
 */
export async function forgetUnkept(
  sql: Sql,
  deps: { readonly vault: Vault; readonly newReferenceNo: (now: number) => string },
  unkept: CardToKeep,
): Promise<void> {
  const { partnerId, channel, at } = unkept
  const referenceNo = deps.newReferenceNo(at)
  const lookup = cardLookup(deps.vault, partnerId, JSON.stringify(['unkept', referenceNo]))
  const identity = { lookup, issuerNumber: '', lastFour: unkept.identity?.lastFour ?? '' }
  const bankCardToken = await keepCard(sql, deps.vault, { ...unkept, identity })
  const card = await lockCardToken(sql, partnerId, bankCardToken)
  if (card === undefined) throw new Error('A token is not there that was written a moment ago')
  await beginUnbinding(sql, card)
  const unbinding: Unbinding = {
    partnerId,
    referenceNo,
    partnerReferenceNo: undefined,
    channel,
    bankCardToken,
    isConfirmed: false,
    createdAt: at,
  }
  await insertUnbinding(sql, unbinding, at)
  // Of the same kind as its end: there is no binding that would tell either whose account it is.
  await writeEvent(sql, requestedEvent(unbinding, { kind: 'card', referenceNos: [] }, at))
}
