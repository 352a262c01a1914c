import type { Refunds } from '../channel.ts'
import { inquire, order } from './asking.ts'
import type { NetworkClient } from './client.ts'
import { readRefund, refundMessage } from './refunds-wire.ts'

const REFUNDS = '/network/v1/refunds'

/** Giving back over network API v1; inquiries have connections of their own. */
export function kkiRefunds(client: NetworkClient, inquiries: NetworkClient): Refunds {
  return {
    refund: (instruction, timeoutMs) =>
      order(client, { path: REFUNDS, body: refundMessage(instruction) }, timeoutMs, (bytes) =>
        readRefund(bytes, instruction),
      ),
    inquireRefund: (refund, timeoutMs) =>
      inquire(inquiries, { collection: REFUNDS, referenceNo: refund.referenceNo }, timeoutMs, (bytes) =>
        readRefund(bytes, refund),
      ),
  }
}
