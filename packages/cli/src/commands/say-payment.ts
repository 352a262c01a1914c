import type { Payment } from '@gerbang/sdk'
import type { Context } from '../context.ts'
import { sayRows } from '../terminal.ts'
import { answerRow } from './ask-gateway.ts'

/** Tells how a payment stands; where its customer has to act, on which page, and which command asks later. */
export function sayPayment({ terminal }: Pick<Context, 'terminal'>, payment: Payment, ask?: string): void {
  const { status, redirectUrl } = payment
  if (status === 'paid') {
    terminal.say(`${terminal.shade('green', 'Paid.')} The money moved.`)
  } else if (redirectUrl === undefined) {
    terminal.say(
      `${terminal.shade('yellow', 'Pending.')} Whether the money moves is not known yet: do not pay again.`,
    )
  } else {
    terminal.say(
      `${terminal.shade('yellow', 'Open.')} Nothing is paid yet. The customer confirms on this page:`,
    )
    terminal.say(`  ${redirectUrl}`)
  }
  sayNumbers({ terminal }, payment)
  if (status === 'pending' && ask !== undefined) terminal.say(`Next: ${ask}`)
}

/** The numbers of a payment, and what the gateway said. */
export function sayNumbers({ terminal }: Pick<Context, 'terminal'>, payment: Payment): void {
  sayRows(terminal, [
    ['partnerReferenceNo', payment.partnerReferenceNo],
    ['referenceNo', payment.referenceNo],
    ['externalId', payment.externalId],
    answerRow(payment),
  ])
}
