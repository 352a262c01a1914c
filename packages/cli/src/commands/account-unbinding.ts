import type { Command } from 'commander'
import { channelNamed } from '../channel-names.ts'
import type { Context } from '../context.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { type AccountOptions, addAccountOptions, customerTokenOf } from './account-options.ts'
import { answerRow, askGateway } from './ask-gateway.ts'
import { given } from './asking-options.ts'

interface UnbindOptions extends AccountOptions {
  readonly hostToHost?: boolean
  readonly otp?: string
}

export function addAccountUnbinding(account: Command, context: Context): void {
  addAccountOptions(
    account
      .command('unbind')
      .description('forget a kept account')
      .option('--host-to-host', 'let a bank that wants a code send one to the customer first')
      .option('--otp <digits>', 'the code, after the same with --host-to-host'),
  ).action((options: UnbindOptions) => unbind(context, options))
}

async function unbind(context: Context, options: UnbindOptions): Promise<void> {
  const { config, terminal } = context
  const { ipAddress, credentials, otp, hostToHost } = options
  const { name: channel } = await channelNamed(options.channel)
  const asking = { command: 'account unbind', subject: 'account', numbers: {}, credentials } as const
  const result = await askGateway(config, asking, async (client) => {
    const customerToken = await customerTokenOf(client, options)
    if (otp !== undefined) return client.confirmUnbinding({ channel, customerToken, otp })
    const flow = hostToHost ? 'host-to-host' : 'page'
    return client.unbindAccount({ channel, customerToken, flow, ...given({ ipAddress }) })
  })
  if (options.json) {
    sayJson(terminal, result)
    return
  }
  const isWaiting = hostToHost === true && otp === undefined
  terminal.say(
    result.status === 'unbound'
      ? `${terminal.shade('green', 'Unbound.')} The account is forgotten, and so are the customer's tokens.`
      : `${terminal.shade('yellow', 'Pending.')} ${isWaiting ? WAITING : SILENT}`,
  )
  sayRows(terminal, [
    ['referenceNo', 'referenceNo' in result ? result.referenceNo : result.originalReferenceNo],
    ['externalId', result.externalId],
    answerRow(result),
  ])
  if (isWaiting && result.status === 'pending') {
    terminal.say(
      `Next: npx gerbang account unbind --channel ${options.channel} --otp <digits>, with the same --auth-code or --customer-token`,
    )
  }
}

const WAITING = 'The account is as before until the customer has given the code.'
const SILENT = 'The bank has not said so yet; it is asked until it has forgotten the account.'
