import type { PaymentStatus, RefundState } from '@gerbang/sdk'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { askGateway } from './ask-gateway.ts'
import { type AskingOptions, addAskingOptions } from './asking-options.ts'
import { addPaymentOptions, type PaymentOptions, whichPayment } from './which-payment.ts'

interface StatusOptions extends AskingOptions, PaymentOptions {}

export function addStatus(program: Command, context: Context): void {
  const command = program
    .command('status')
    .description('ask what became of a payment, its refunds and its card')
  addAskingOptions(addPaymentOptions(command)).action(
    (reference: string | undefined, options: StatusOptions) => status(context, reference, options),
  )
}

async function status(
  context: Context,
  reference: string | undefined,
  options: StatusOptions,
): Promise<void> {
  const { numbers, question } = whichPayment('status', reference, options)
  const { credentials } = options
  const asking = { command: 'status', subject: 'status', numbers, credentials } as const
  const known = await askGateway(context.config, asking, (client) => client.status(question))
  if (options.json) sayJson(context.terminal, known)
  else sayStatus(context, known)
}

function sayStatus({ terminal }: Context, known: PaymentStatus): void {
  terminal.say(`${terminal.shade('bold', known.status)} (money: ${known.money})`)
  const original = [known.originalResponseCode, known.originalResponseMessage].filter(
    (part) => part !== undefined,
  )
  sayRows(terminal, [
    ['partnerReferenceNo', known.originalPartnerReferenceNo],
    ['referenceNo', known.originalReferenceNo],
    ['externalId', known.originalExternalId],
    ['amount', known.amount],
    ['paidTime', known.paidTime],
    [
      'latestTransactionStatus',
      `${known.latestTransactionStatus} ${known.transactionStatusDesc ?? ''}`.trim(),
    ],
    ['bankCardToken', known.bankCardToken],
    ['bindStatus', known.bindStatus],
    ...known.refunds.map((refund) => ['refund', refundWords(refund)] as const),
    ['answer', original.length > 0 ? original.join(' ') : undefined],
  ])
}

function refundWords({ status, amount, partnerRefundNo, time, reason }: RefundState): string {
  const parts = [status, amount, partnerRefundNo, time, reason]
  return parts.filter((part) => part !== undefined).join('  ')
}
