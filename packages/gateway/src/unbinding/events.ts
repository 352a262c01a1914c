import { formatTimestamp } from '@gerbang/snap'
import type { OutgoingEvent } from '../outbox/outbox.ts'
import type { Moved } from './store.ts'
import type { Ending, Unbinding } from './unbinding.ts'

/** What happened to an unbinding, with the numbers of the bindings that it is about; a card or a token is in none. */
export function requestedEvent(unbinding: Unbinding, bindings: Moved, at: number): OutgoingEvent {
  return event(unbinding, { state: 'requested', sequence: 1, bindings, at })
}

export function endedEvent(
  unbinding: Unbinding,
  ending: Ending,
  { bindings, at }: { readonly bindings: Moved; readonly at: number },
): OutgoingEvent {
  const { state, reason, networkCode } = ending
  return event(unbinding, { state, sequence: 2, bindings, at, reason, networkCode })
}

interface Happening {
  readonly state: 'requested' | Ending['state']
  readonly sequence: number
  readonly bindings: Moved
  readonly at: number
  readonly reason?: string | undefined
  readonly networkCode?: string | undefined
}

function event(unbinding: Unbinding, { at, sequence, bindings, ...happening }: Happening): OutgoingEvent {
  const { partnerId, referenceNo, partnerReferenceNo, channel } = unbinding
  return {
    partnerId,
    referenceNo,
    sequence,
    type: `${bindings.kind}.unbinding.${happening.state}.v1`,
    body: {
      partnerId,
      referenceNo,
      partnerReferenceNo,
      channel,
      ...happening,
      bindings: bindings.referenceNos,
      occurredAt: formatTimestamp(at),
    },
    at,
  }
}
