import type { RefundResult } from '@gerbang/sdk'
import type { Command } from 'commander'
import { channelNamed } from '../channel-names.ts'
import type { Context } from '../context.ts'
import { makeRefundNo } from '../made-numbers.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { customerTokenOf } from './account-options.ts'
import { answerRow, askPatiently, statusCommand } from './ask-gateway.ts'
import { type AskingOptions, addAskingOptions, given, readAmount } from './asking-options.ts'
import { addPaymentOptions, type PaymentOptions, whichPayment } from './which-payment.ts'

interface RefundOptions extends AskingOptions, PaymentOptions {
  readonly amount: string
  readonly refundNo?: string
  readonly reason?: string
  readonly ipAddress: string
  readonly channel?: string
  readonly authCode?: string
  readonly customerToken?: string
}

export function addRefund(program: Command, context: Context): void {
  const command = program.command('refund').description('give back part or all of a payment')
  addPaymentOptions(command)
    .requiredOption('--amount <rupiah>', 'such as 150000 or 150000.00; at most what is left of the payment')
    .option(
      '--refund-no <text>',
      'your number of the refund; the same one again never refunds twice; made when absent',
    )
    .option('--reason <text>', 'kept beside the refund')
    .option('--ip-address <address>', 'of whoever asked for the refund', '127.0.0.1')
    .option('--channel <name>', 'by which it was paid; the gateway knows it when absent')
    .option(
      '--auth-code <code>',
      'of a binding, for channels that want the customer’s token: one is asked for',
    )
    .option('--customer-token <token>', 'of `gerbang token`, instead of --auth-code')
  addAskingOptions(command).action((reference: string | undefined, options: RefundOptions) =>
    refund(context, reference, options),
  )
}

async function refund(
  context: Context,
  reference: string | undefined,
  options: RefundOptions,
): Promise<void> {
  const { credentials, ipAddress, reason } = options
  const channel = options.channel === undefined ? undefined : (await channelNamed(options.channel)).name
  const { numbers, question } = whichPayment('refund', reference, options)
  const partnerRefundNo = options.refundNo ?? makeRefundNo()
  const amount = readAmount(options.amount)
  const asking = {
    command: 'refund',
    subject: 'refund',
    numbers: { ...numbers, partnerRefundNo },
    credentials,
  } as const
  const isCustomers = options.authCode !== undefined || options.customerToken !== undefined
  const result = await askPatiently(context, asking, async (client) => {
    const customerToken = isCustomers ? await customerTokenOf(client, options) : undefined
    return client.refund({
      ...question,
      ...(channel === undefined ? { ipAddress } : { channel, ipAddress }),
      partnerRefundNo,
      amount,
      ...given({ reason, customerToken }),
    })
  })
  if (options.json) {
    sayJson(context.terminal, result)
    return
  }
  sayRefund(context, result)
  if (result.status === 'pending') context.terminal.say(`Next: ${statusCommand(asking)}`)
}

function sayRefund({ terminal }: Context, result: RefundResult): void {
  terminal.say(
    result.status === 'refunded'
      ? `${terminal.shade('green', 'Refunded.')} The money went back.`
      : `${terminal.shade('yellow', 'Pending.')} Whether the money goes back is not known yet: repeat with the same --refund-no only.`,
  )
  sayRows(terminal, [
    ['partnerRefundNo', result.partnerRefundNo],
    ['refundNo', result.refundNo],
    ['amount', result.amount],
    ['refundTime', result.refundTime],
    ['partnerReferenceNo', result.originalPartnerReferenceNo],
    ['referenceNo', result.originalReferenceNo],
    answerRow(result),
  ])
}
