import type { OutcomeName } from '@gerbang/snap'
import type { SteppedPayment } from './stepped.ts'

/** How a payment answers who tries a code on it, by where it stands. */
export function standingOutcome({ state, outcome }: Pick<SteppedPayment, 'state' | 'outcome'>): OutcomeName {
  switch (state) {
    case 'paid':
      return 'successful'
    case 'declined':
      return outcome ?? 'doNotHonor'
    case 'reversed':
      return 'transactionCancelled'
    default:
      return 'requestInProgress'
  }
}
