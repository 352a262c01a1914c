import type { Bindings } from '../channel.ts'
import { networkBindings } from '../network/bindings.ts'
import type { NetworkClients } from '../network/client.ts'
import { bindMessage, readBinding, readResend, verifyMessage } from './cards-wire.ts'

/** Keeping cards over network API v1. */
export function kkiCards(clients: NetworkClients): Bindings {
  return networkBindings(clients, {
    bindings: '/network/v1/bindings',
    unbindings: '/network/v1/unbindings',
    bindMessage,
    verifyMessage,
    readBinding,
    readResend,
  })
}
