import { endUnbinding, forgetCard, lockCardToken } from '../card-token/card-token.ts'
import type { Sql } from '../database/pool.ts'
import { writeEvent } from '../outbox/outbox.ts'
import { endedEvent } from './events.ts'
import { endUnbindingRow, moveBindings } from './store.ts'
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
  if (isForgotten) await forgetCard(sql, card, at)
  else await endUnbinding(sql, card)
  const to = isForgotten ? 'inactive' : 'active'
  const bindings = await moveBindings(sql, unbinding, { from: 'unbinding', to })
  await writeEvent(sql, endedEvent(unbinding, ending, { bindings, at }))
  return true
}
