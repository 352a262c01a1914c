import type { BindInstruction, BindingAnswer, Bindings, VerifyInstruction } from '../channel.ts'
import { inquire, order } from './asking.ts'
import type { NetworkClients } from './client.ts'
import { networkUnbindings } from './unbindings.ts'

/** Where a network keeps its bindings and unbindings, and how it writes and is read. */
export interface BindingWire {
  readonly bindings: string
  readonly unbindings: string
  readonly bindMessage: (instruction: BindInstruction) => string
  readonly verifyMessage: (instruction: VerifyInstruction) => string
  readonly readBinding: (bytes: Buffer, referenceNo: string) => BindingAnswer
  readonly readResend: (bytes: Buffer, referenceNo: string) => BindingAnswer
  readonly isUnbindingConfirmed?: boolean
}

/** Keeping cards and accounts over such a wire; inquiries have connections of their own. */
export function networkBindings(clients: NetworkClients, wire: BindingWire): Bindings {
  const { client, inquiries } = clients
  const { bindings, bindMessage, verifyMessage, readBinding, readResend } = wire
  const stepOf = (referenceNo: string, step: string) => `${bindings}/${referenceNo}/${step}`
  return {
    bind: (instruction, timeoutMs) =>
      order(client, { path: bindings, body: bindMessage(instruction) }, timeoutMs, (bytes) =>
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
      inquire(inquiries, { collection: bindings, referenceNo }, timeoutMs, (bytes) =>
        readBinding(bytes, referenceNo),
      ),
    ...networkUnbindings(clients, wire),
  }
}
