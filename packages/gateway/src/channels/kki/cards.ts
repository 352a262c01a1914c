import type { Bindings } from '../channel.ts'
import { inquire, order } from '../network/asking.ts'
import type { NetworkClients } from '../network/client.ts'
import { networkUnbindings } from '../network/unbindings.ts'
import { bindMessage, readBinding, readResend, verifyMessage } from './cards-wire.ts'

const BINDINGS = '/network/v1/bindings'
const UNBINDINGS = '/network/v1/unbindings'

/** Keeping cards over network API v1; inquiries have connections of their own. */
export function kkiCards(clients: NetworkClients): Bindings {
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
      return order(client, { path, body: verifyMessage(instruction) }, timeoutMs, (bytes) =>
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
