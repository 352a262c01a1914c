import { formatTimestamp } from '@gerbang/snap/timestamp'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { controlOf, readInbox } from '../demo/simulator-control.ts'
import { sayJson } from '../terminal.ts'

interface InboxOptions {
  readonly phone?: string
  readonly json?: boolean
}

const MOST_SHOWN = 10

export function addInbox(program: Command, context: Context): void {
  program
    .command('inbox')
    .description("the codes on the simulator's telephones, the newest first")
    .option('--phone <number>', 'of that telephone only: 628… or 08…')
    .option('--json', 'print JSON')
    .action((options: InboxOptions) => inbox(context, options))
}

async function inbox({ config, terminal }: Context, { phone, json }: InboxOptions): Promise<void> {
  const messages = (await readInbox(controlOf(config), phone)).slice(0, MOST_SHOWN)
  if (json) {
    sayJson(terminal, messages)
    return
  }
  if (messages.length === 0) terminal.say('No codes. A simulator that was started again has forgotten them.')
  for (const message of messages) {
    terminal.say(
      `${formatTimestamp(Date.parse(message.at))}  ${message.phone}  ${terminal.shade('bold', message.code)}  for ${message.merchantId}`,
    )
  }
}
