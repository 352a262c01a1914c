import { CardTokenGone, keepCard } from '../card-token/card-token.ts'
import type { Linking } from '../channels/channel.ts'
import type { Database, Sql } from '../database/pool.ts'
import { Secret } from '../secret.ts'
import type { Vault } from '../vault/vault.ts'
import { cardContext } from './order.ts'
import type { OpenPayment } from './payment.ts'
import { findSealedCard, type Settled, type Settlement, settleWithin, writeLinking } from './store.ts'

/** Whether a settlement also decides what becomes of the card: a V2 payment that is paid. */
export function decidesLinking({ payment, verdict }: Settlement): boolean {
  return payment.variant === 'V2' && verdict.state === 'paid'
}

/**
 * Settles a payment and keeps its card in the same commit. A network that says nothing of the linking, or that the cardholder
 * refused it, leaves a paid payment without a token: the linking never spoils the payment.
 */
export function settleAndLink(database: Database, vault: Vault, settlement: Settlement): Promise<Settled> {
  const { payment, verdict, now } = settlement
  return database.transaction(async (sql) => {
    const settled = await settleWithin(sql, settlement)
    if (settled.applied) {
      const bankCardToken = await keptToken(sql, vault, { payment, linking: verdict.linking, at: now })
      await writeLinking(sql, payment, bankCardToken)
    }
    return settled
  })
}

async function keptToken(
  sql: Sql,
  vault: Vault,
  { payment, linking, at }: { payment: OpenPayment; linking: Linking | undefined; at: number },
): Promise<string | null> {
  if (linking?.kind !== 'linked') return null
  const { partnerId, referenceNo, channel } = payment
  const sealed = await findSealedCard(sql, payment)
  if (sealed === undefined) throw new Error('A payment that keeps its card has none')
  const cardNumber = new Secret(vault.open(sealed, cardContext(partnerId, referenceNo)))
  const card = { partnerId, channel, cardNumber, networkToken: linking.networkToken, at }
  return keepCard(sql, vault, card).catch((error: unknown) => {
    // The cardholder is just leaving: what the network links now goes with the card that is being unbound.
    if (error instanceof CardTokenGone) return null
    throw error
  })
}
