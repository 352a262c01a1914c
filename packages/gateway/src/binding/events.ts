import { formatTimestamp, type OutcomeName, responseCode } from '@gerbang/snap'
import type { OutgoingEvent } from '../outbox/outbox.ts'
import type { Binding } from './binding.ts'
import { isLost } from './states.ts'
import { BIND_OPERATIONS } from './traits.ts'

/**
 * What others are told of a binding as it stands now, or undefined while it is open. `at` in epoch milliseconds. The card's
 * token is not in it: who may know it reads it from the binding.
 */
export function eventOf(binding: Binding, at: number): OutgoingEvent | undefined {
  const { partnerId, referenceNo, state } = binding
  if (state !== 'active' && !isLost(state)) return undefined
  const outcome: OutcomeName = state === 'active' ? 'successful' : (binding.outcome ?? 'generalError')
  return {
    partnerId,
    referenceNo,
    sequence: binding.sequence,
    type: `${binding.kind}.binding.${state === 'active' ? 'completed' : 'failed'}.v1`,
    body: {
      partnerId,
      referenceNo,
      externalId: binding.externalId,
      custIdMerchant: binding.custIdMerchant,
      channel: binding.channel,
      flow: binding.flow,
      state,
      responseCode: responseCode(BIND_OPERATIONS[binding.kind], outcome),
      occurredAt: formatTimestamp(at),
    },
    at,
  }
}
