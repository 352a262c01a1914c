import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { answerRow, askGateway } from './ask-gateway.ts'
import { type AskingOptions, addAskingOptions, given } from './asking-options.ts'
import { channelOption } from './otp.ts'
import { channelFor } from './way-of-channel.ts'

interface UnbindOptions extends AskingOptions {
  readonly channel?: string
  readonly reference?: string
  readonly ipAddress?: string
}

export function addUnbind(program: Command, context: Context): void {
  const command = program
    .command('unbind')
    .description('forget a kept card: all tokens of it')
    .argument('<bankCardToken>', 'what stands for the card')
    .addOption(channelOption())
    .option('--reference <text>', 'your number of the unbinding')
    .option('--ip-address <address>', "the customer's, when known")
  addAskingOptions(command).action((token: string, options: UnbindOptions) => unbind(context, token, options))
}

async function unbind({ config, terminal }: Context, token: string, options: UnbindOptions): Promise<void> {
  const { reference: partnerReferenceNo, ipAddress, credentials } = options
  const channel = options.channel === undefined ? undefined : (await channelFor('bind', options.channel)).name
  const asking = { command: 'unbind', subject: 'card', numbers: { partnerReferenceNo }, credentials } as const
  const result = await askGateway(config, asking, (client) =>
    client.unbindCard({ bankCardToken: token, ...given({ channel, partnerReferenceNo, ipAddress }) }),
  )
  if (options.json) {
    sayJson(terminal, result)
    return
  }
  terminal.say(
    `${terminal.shade('green', 'Unbinding.')} No payment is taken with the card from now on; the network is told afterwards.`,
  )
  sayRows(terminal, [
    ['referenceNo', result.referenceNo],
    ['redirectUrl', result.redirectUrl],
    ['externalId', result.externalId],
    answerRow(result),
  ])
}
