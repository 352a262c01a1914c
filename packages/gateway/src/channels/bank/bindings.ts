import type { Bindings } from '../channel.ts'
import { networkBindings } from '../network/bindings.ts'
import type { NetworkClients } from '../network/client.ts'
import type { BindingProfile } from '../profile.ts'
import { bindMessage, readBinding, readResend } from './bindings-wire.ts'
import { confirmMessage } from './charges-wire.ts'

/** Keeping accounts and cards over bank API v1. */
export function bankBindings(
  clients: NetworkClients,
  { isUnbindingConfirmed = false }: BindingProfile,
): Bindings {
  return networkBindings(clients, {
    bindings: '/bindings',
    unbindings: '/unbindings',
    bindMessage,
    verifyMessage: confirmMessage,
    readBinding,
    readResend,
    isUnbindingConfirmed,
  })
}
