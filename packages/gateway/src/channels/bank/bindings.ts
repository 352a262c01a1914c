import type { Bindings } from '../channel.ts'
import { inquire, order } from '../network/asking.ts'
import type { NetworkClients } from '../network/client.ts'
import { networkUnbindings } from '../network/unbindings.ts'
import { bindMessage, readBinding, readResend } from './bindings-wire.ts'
import { confirmMessage } from './charges-wire.ts'

const BINDINGS = '/bindings'
const UNBINDINGS = '/unbindings'

/** Keeping accounts and cards over bank API v1; inquiries have connections of their own. */
export function bankBindings(clients: NetworkClients): Bindings {
  const { client, inquiries } = clients
  const stepOf = (referenceNo: string, step: string) => `${BINDINGS}/${referenceNo}/${step}`
  return {
    bind: (instruction, timeoutMs) =>
      order(client, { path: BINDINGS, body: bindMessage(instruction) }, timeoutMs, (bytes) =>
        readBinding(bytes, instruction.referenceNo),
      ),
    resendOtp: (referenceNo, timeoutMs) =>
      order(client, { path: stepOf(referenceNo, 'otp') }, timeoutMs, (bytes) =>
        readResend(bytes, referenceNo),
      ),
    verifyOtp(instruction, timeoutMs) {
      const { referenceNo } = instruction
      const path = stepOf(referenceNo, 'verification')
      return order(client, { path, body: confirmMessage(instruction) }, timeoutMs, (bytes) =>
        readBinding(bytes, referenceNo),
      )
    },
    cancelBinding: (referenceNo, timeoutMs) =>
      order(client, { path: stepOf(referenceNo, 'cancellation') }, timeoutMs, (bytes) =>
        readBinding(bytes, referenceNo),
      ),
    inquireBinding: (referenceNo, timeoutMs) =>
      inquire(inquiries, { collection: BINDINGS, referenceNo }, timeoutMs, (bytes) =>
        readBinding(bytes, referenceNo),
      ),
    ...networkUnbindings(clients, UNBINDINGS),
  }
}
