import { bindInVain, bindSuccessfully, unbindInVain, unbindSuccessfully } from './card-flows.ts'
import { payInVain, payOpenly, paySuccessfully, payTooLate } from './payment-flows.ts'
import { refundAll, refundInVain, refundPart } from './refund-flows.ts'
import type { Stage } from './stage.ts'

/** A real course of things, up to a named end. */
export interface Flow {
  readonly meaning: string
  /** Whether `--case` says of what case it ends. */
  readonly takesCase: boolean
  /** @throws CommandFailure when it ended otherwise */
  readonly play: (stage: Stage) => Promise<unknown>
}

/** By name. A flow asks the gateway as a shop does; the magic values do the rest. */
export const FLOWS: Readonly<Record<string, Flow>> = {
  'payment.success': { meaning: 'the cardholder approves', takesCase: false, play: paySuccessfully },
  'payment.failed': { meaning: 'the issuer says no; 403/14 unless set', takesCase: true, play: payInVain },
  'payment.pending': { meaning: 'the cardholder has not answered yet', takesCase: false, play: payOpenly },
  'payment.expired': { meaning: 'the cardholder never answers', takesCase: false, play: payTooLate },
  'refund.success': { meaning: 'all of a payment goes back', takesCase: false, play: refundAll },
  'refund.partial': { meaning: 'half of a payment goes back', takesCase: false, play: refundPart },
  'refund.failed': { meaning: 'nothing goes back; 403/15 unless set', takesCase: true, play: refundInVain },
  'binding.success': { meaning: 'a card is kept', takesCase: false, play: bindSuccessfully },
  'binding.failed': {
    meaning: 'a card is not kept; the code is blocked unless set',
    takesCase: true,
    play: bindInVain,
  },
  'unbinding.success': { meaning: 'a kept card is forgotten', takesCase: false, play: unbindSuccessfully },
  'unbinding.failed': {
    meaning: 'the network does not let the card go; 403/15 unless set',
    takesCase: true,
    play: unbindInVain,
  },
}
