import { randomUUID } from 'node:crypto'
import type { Channel } from '../channel.ts'
import { chargeOnce, inquire, order } from '../network/asking.ts'
import { type NetworkClientOptions, openClients } from '../network/client.ts'
import { networkRefunds } from '../network/refunds.ts'
import type { ChannelProfile } from '../profile.ts'
import { bankBalances } from './balances.ts'
import { bankBindings } from './bindings.ts'
import { chargeMessage, confirmMessage, readCharge, readConfirmation } from './charges-wire.ts'

export interface BankOptions extends NetworkClientOptions {
  /** Numbers a question for a balance. */
  readonly newInquiryNo?: () => string
}

const CHARGES = '/charges'
const REFUNDS = '/refunds'

/** A bank or wallet over bank API v1. What it offers is what its profile says. */
export function bankChannel(profile: ChannelProfile, options: BankOptions): Channel {
  const clients = openClients(options)
  const { client, inquiries } = clients
  const stepOf = (referenceNo: string, step: string) => `${CHARGES}/${referenceNo}/${step}`
  return {
    profile,
    owns: () => false,
    charge: (instruction, timeoutMs) =>
      chargeOnce(client, { path: CHARGES, body: chargeMessage(instruction) }, timeoutMs, (bytes) =>
        readCharge(bytes, instruction),
      ),
    inquire: (charge, timeoutMs) =>
      inquire(inquiries, { collection: CHARGES, referenceNo: charge.referenceNo }, timeoutMs, (bytes) =>
        readCharge(bytes, charge),
      ),
    cancellations: {
      cancel: (charge, timeoutMs) =>
        order(client, { path: stepOf(charge.referenceNo, 'cancellation') }, timeoutMs, (bytes) =>
          readCharge(bytes, charge),
        ),
    },
    confirmations: {
      confirm: (instruction, timeoutMs) => {
        const path = stepOf(instruction.referenceNo, 'verification')
        return order(client, { path, body: confirmMessage(instruction) }, timeoutMs, (bytes) =>
          readConfirmation(bytes, instruction),
        )
      },
      resendOtp: (charge, timeoutMs) =>
        order(client, { path: stepOf(charge.referenceNo, 'otp') }, timeoutMs, (bytes) =>
          readCharge(bytes, charge),
        ),
    },
    ...(profile.binding && { bindings: bankBindings(clients, profile.binding) }),
    ...(profile.refund && { refunds: networkRefunds(clients, REFUNDS) }),
    ...(profile.hasBalance && { balances: bankBalances(clients, options.newInquiryNo ?? randomUUID) }),
    close: clients.close,
  }
}
