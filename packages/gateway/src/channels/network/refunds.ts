import type { Refunds } from '../channel.ts'
import { inquire, order } from './asking.ts'
import type { NetworkClients } from './client.ts'
import { readRefund, refundMessage } from './refunds-wire.ts'

/** Giving back at `path`; inquiries have connections of their own. */
export function networkRefunds({ client, inquiries }: NetworkClients, path: string): Refunds {
  return {
    refund: (instruction, timeoutMs) =>
      order(client, { path, body: refundMessage(instruction) }, timeoutMs, (bytes) =>
        readRefund(bytes, instruction),
      ),
    inquireRefund: (refund, timeoutMs) =>
      inquire(inquiries, { collection: path, referenceNo: refund.referenceNo }, timeoutMs, (bytes) =>
        readRefund(bytes, refund),
      ),
  }
}
