import { CardTokenGone, CardUnreadable, dropNetworkToken, keepCard } from '../card-token/card-token.ts'
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
 * refused it, leaves a paid payment without a token, and so does a card that is being unbound or that the vault cannot open: the linking
 * never spoils the payment, and a token that is not kept is told to be forgotten.
 */
export function settleAndLink(database: Database, vault: Vault, settlement: Settlement): Promise<Settled> {
  const { payment, verdict, now } = settlement
  return database.transaction(async (sql) => {
    const settled = await settleWithin(sql, settlement)
    if (!settled.applied) return settled
    const { bankCardToken, fault } = await keptToken(sql, vault, {
      payment,
      linking: verdict.linking,
      at: now,
    })
    await writeLinking(sql, payment, bankCardToken)
    return { ...settled, fault }
  })
}

interface Kept {
  readonly bankCardToken: string | null
  readonly fault?: unknown
}

async function keptToken(
  sql: Sql,
  vault: Vault,
  { payment, linking, at }: { payment: OpenPayment; linking: Linking | undefined; at: number },
): Promise<Kept> {
  if (linking?.kind !== 'linked') return { bankCardToken: null }
  const { partnerId, channel } = payment
  const { networkToken } = linking
  const card = await findSealedCard(sql, payment)
  if (card === undefined) throw new Error('A payment that keeps its card has none')
  const { sealed, cardLookup } = card
  try {
    const cardNumber = openCard(vault, payment, sealed)
    return { bankCardToken: await keepCard(sql, vault, { partnerId, channel, cardNumber, networkToken, at }) }
  } catch (error) {
    const isUnreadable = error instanceof CardUnreadable
    // Without the second, the cardholder is just leaving.
    if (!isUnreadable && !(error instanceof CardTokenGone)) throw error
    await dropNetworkToken(sql, vault, { partnerId, channel, cardLookup, networkToken, at })
    return { bankCardToken: null, ...(isUnreadable && { fault: error }) }
  }
}

function openCard(vault: Vault, { partnerId, referenceNo }: OpenPayment, sealed: string): Secret {
  try {
    return new Secret(vault.open(sealed, cardContext(partnerId, referenceNo)))
  } catch (cause) {
    throw new CardUnreadable('the card of a payment', { cause })
  }
}
