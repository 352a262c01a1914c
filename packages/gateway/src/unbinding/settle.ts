import {
  beginUnbinding,
  type CardToken,
  endUnbinding,
  forgetCard,
  lockCardToken,
} from '../card-token/card-token.ts'
import type { Sql } from '../database/pool.ts'
import { writeEvent } from '../outbox/outbox.ts'
import { endCode } from './codes/store.ts'
import { endedEvent } from './events.ts'
import { endUnbindingRow, findActiveBindings, moveBindings } from './store.ts'
import type { Ending, Unbinding } from './unbinding.ts'

/**
 * Ends an unbinding within the transaction of `sql`: the card is forgotten or as before, its bindings follow, the event says so. False,
 * and nothing is changed, when it has ended already. `at` in epoch milliseconds.
 */
export async function settleUnbinding(
  sql: Sql,
  unbinding: Unbinding,
  ending: Ending,
  at: number,
): Promise<boolean> {
  // In the order in which a request locks them.
  const card = await lockCardToken(sql, unbinding.partnerId, unbinding.bankCardToken)
  if (card === undefined || !(await endUnbindingRow(sql, unbinding, ending, at))) return false
  const isForgotten = ending.state === 'completed'
  if (unbinding.isConfirmed) await endCode(sql, unbinding, ending.outcome)
  // Of one that its customer had to confirm nothing has been moved yet.
  const isAsBefore = card.state === 'active'
  if (isForgotten && isAsBefore) await leave(sql, card, unbinding)
  if (isForgotten) await forgetCard(sql, card, at)
  else if (!isAsBefore) await endUnbinding(sql, card)
  const to = isForgotten ? 'inactive' : 'active'
  const bindings =
    isAsBefore && !isForgotten
      ? await findActiveBindings(sql, unbinding)
      : await moveBindings(sql, unbinding, { from: 'unbinding', to })
  await writeEvent(sql, endedEvent(unbinding, ending, { bindings, at }))
  return true
}

async function leave(sql: Sql, card: CardToken, unbinding: Unbinding): Promise<void> {
  await beginUnbinding(sql, card)
  await moveBindings(sql, unbinding, { from: 'active', to: 'unbinding' })
}
