import type { OutcomeName } from '@gerbang/snap'
import type { Step } from '../../channels/channel.ts'
import type { OpenPayment, Visiting } from '../payment.ts'
import type { PaymentState } from '../states.ts'

export const MOST_ATTEMPTS = 5

/** Whose payment, under which number. */
export interface PaymentName {
  readonly partnerId: string
  readonly referenceNo: string
}

/** What the customer has to do next, as it stands in its row. Times are epoch milliseconds. */
export interface PaymentStep {
  readonly step: Step
  /** Codes tried in this step. */
  readonly attempts: number
  /** Which attempt the network is being asked about, and until when at most. */
  readonly trying: number | undefined
  readonly tryingUntil: number | undefined
  readonly resends: number
  /** How many codes the network was asked for, whatever it said. */
  readonly otpRequests: number
  /** When the last code was asked for; undefined while none was. */
  readonly otpSentAt: number | undefined
  /** Unknown while the network has not said so. */
  readonly otpExpiresAt: number | undefined
  readonly redirectSealed: string | undefined
}

/** A payment of a bank or wallet, with what its customer has to do. */
export interface SteppedPayment extends OpenPayment {
  readonly state: PaymentState
  readonly outcome: OutcomeName | undefined
  readonly bankCardToken: string | undefined
  readonly settledAt: number | undefined
  readonly visiting: Visiting
  /** As `journeyText` writes it; undefined when the partner named none. */
  readonly journeyId: string | undefined
  /** Epoch milliseconds: the customer may not confirm any more. */
  readonly confirmBy: number
  /** Of the account that is charged. */
  readonly lastFour: string | undefined
  /** Whether somebody is calling it off, or has. */
  readonly isCancelling: boolean
  readonly step: PaymentStep | undefined
}
