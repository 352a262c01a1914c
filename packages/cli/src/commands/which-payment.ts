import type { StatusQuestion } from '@gerbang/sdk'
import type { Command } from 'commander'
import { type Numbers, usageFailure } from '../failure.ts'
import { given } from './asking-options.ts'

/** How a payment is named on the command line: by one of its three numbers. */
export interface PaymentOptions {
  readonly referenceNo?: string
  readonly externalId?: string
}

export interface WhichPayment {
  readonly numbers: Numbers
  readonly question: StatusQuestion
}

export function addPaymentOptions(command: Command): Command {
  return command
    .argument('[partnerReferenceNo]', 'your number of the order')
    .option('--reference-no <number>', "the gateway's number")
    .option('--external-id <id>', 'X-EXTERNAL-ID of the payment')
}

/** @throws CommandFailure when no number is given */
export function whichPayment(
  command: string,
  partnerReferenceNo: string | undefined,
  { referenceNo, externalId }: PaymentOptions,
): WhichPayment {
  if (!partnerReferenceNo && !referenceNo && !externalId) {
    throw usageFailure(
      'Which payment? One of its numbers is needed: `pay` prints all three.',
      `npx gerbang ${command} <partnerReferenceNo>, or --reference-no <number>, or --external-id <id>`,
    )
  }
  return {
    numbers: { partnerReferenceNo, referenceNo, externalId },
    question: given({
      originalPartnerReferenceNo: partnerReferenceNo || undefined,
      originalReferenceNo: referenceNo || undefined,
      originalExternalId: externalId || undefined,
    }),
  }
}
