import type { Channel } from '../channel.ts'
import type { ChannelFolder } from '../channel-folder.ts'
import { chargeOnce, inquire } from '../network/asking.ts'
import { type NetworkClientOptions, openClients } from '../network/client.ts'
import { networkRefunds } from '../network/refunds.ts'
import { kkiCards } from './cards.ts'
import { KKI } from './profile.ts'
import { chargeMessage, readAnswer } from './wire.ts'

export type KkiOptions = NetworkClientOptions

const CHARGES = '/network/v1/charges'
const REFUNDS = '/network/v1/refunds'

/** Kartu Kredit Indonesia, at the address of the network itself. */
export const kki: ChannelFolder = { slug: 'kki', profile: KKI, path: '', open: kkiChannel }

/** Kartu Kredit Indonesia over network API v1. */
export function kkiChannel(options: KkiOptions): Channel {
  const clients = openClients(options)
  return {
    profile: KKI,
    owns: (chargeToken) => chargeToken.startsWith('9360'),
    charge: (instruction, timeoutMs) =>
      chargeOnce(clients.client, { path: CHARGES, body: chargeMessage(instruction) }, timeoutMs, (bytes) =>
        readAnswer(bytes, instruction),
      ),
    inquire: (charge, timeoutMs) =>
      inquire(
        clients.inquiries,
        { collection: CHARGES, referenceNo: charge.referenceNo },
        timeoutMs,
        (bytes) => readAnswer(bytes, charge),
      ),
    bindings: kkiCards(clients),
    refunds: networkRefunds(clients, REFUNDS),
    close: clients.close,
  }
}
