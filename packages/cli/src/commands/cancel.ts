import type { Command } from 'commander'
import { channelNamed } from '../channel-names.ts'
import type { Context } from '../context.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { answerRow, askPatiently, statusCommand } from './ask-gateway.ts'
import { type AskingOptions, addAskingOptions, given } from './asking-options.ts'
import { addPaymentOptions, type PaymentOptions, whichPayment } from './which-payment.ts'

interface CancelOptions extends AskingOptions, PaymentOptions {
  readonly channel: string
  readonly reason?: string
}

export function addCancel(program: Command, context: Context): void {
  const command = program
    .command('cancel')
    .description(
      'call a paid payment off, all of it, on the day it was made; before that, the button of its page does it where there is one',
    )
  addPaymentOptions(command)
    .requiredOption('--channel <name>', 'such as mandiri')
    .option('--reason <text>', 'kept beside it')
  addAskingOptions(command).action((reference: string | undefined, options: CancelOptions) =>
    cancel(context, reference, options),
  )
}

async function cancel(
  context: Context,
  reference: string | undefined,
  options: CancelOptions,
): Promise<void> {
  const { terminal } = context
  const { reason, credentials } = options
  const { numbers, question } = whichPayment('cancel', reference, options)
  const { name: channel } = await channelNamed(options.channel)
  const asking = { command: 'cancel', subject: 'status', numbers, credentials } as const
  const result = await askPatiently(context, asking, (client) =>
    client.cancel({ ...question, channel, ...given({ reason }) }),
  )
  if (options.json) {
    sayJson(terminal, result)
    return
  }
  terminal.say(
    result.status === 'cancelled'
      ? `${terminal.shade('green', 'Cancelled.')} The customer pays nothing, or has it back.`
      : `${terminal.shade('yellow', 'Pending.')} Whether it is called off is not known yet.`,
  )
  sayRows(terminal, [
    ['partnerReferenceNo', result.originalPartnerReferenceNo],
    ['referenceNo', result.originalReferenceNo],
    ['cancelTime', result.cancelTime],
    answerRow(result),
  ])
  if (result.status === 'pending') terminal.say(`Next: ${statusCommand(asking)}`)
}
