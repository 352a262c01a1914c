import { type CardToken, openCardToken } from '../card-token/card-token.ts'
import type { Bindings, UnbindAnswer } from '../channels/channel.ts'
import type { Vault } from '../vault/vault.ts'
import { isPassing, type Unbinding } from './unbinding.ts'

/**
 * Tells the network to forget a card, under the unbinding's own number: what is asked twice is answered alike. `wasAsked`: the network
 * may have been told before, so it is asked first what became of that. Throws when the card cannot be opened.
 */
export async function askToForget(
  deps: { readonly vault: Vault; readonly timeoutMs: number },
  bindings: Bindings,
  asked: { readonly unbinding: Unbinding; readonly card: CardToken; readonly wasAsked: boolean },
): Promise<UnbindAnswer> {
  const { unbinding, card, wasAsked } = asked
  const { referenceNo, partnerId: merchantId } = unbinding
  if (wasAsked) {
    const known = await bindings.inquireUnbinding(referenceNo, deps.timeoutMs)
    if (known.kind !== 'not-found' && !isPassing(known)) return known
  }
  const { networkToken } = openCardToken(deps.vault, card)
  const instruction = { referenceNo, merchantId, networkToken, canAskOtp: unbinding.isConfirmed }
  return bindings.unbind(instruction, deps.timeoutMs)
}
