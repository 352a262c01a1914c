import { type Command, Option } from 'commander'
import { type CliConfig, gatewayEnvironment } from '../config.ts'
import type { Context } from '../context.ts'
import { usageFailure } from '../failure.ts'
import { OUTPUTS, type Output } from '../listen/lines.ts'

interface ListenCommandOptions {
  readonly forwardTo?: string
  readonly port?: string
  readonly output?: Output
  readonly fail?: string
  readonly json?: boolean
  readonly credentials?: string
}

export function addListen(program: Command, context: Context): void {
  program
    .command('listen')
    .description('receive notifications as the partner: verify, show, and hand on to a program of yours')
    .option(
      '--forward-to <url>',
      'your program: a URL, or 3000/notify; without a path, that of the notification',
    )
    .option('--port <port>', 'where the gateway finds it; GERBANG_LISTEN_PORT when absent')
    .addOption(
      new Option(
        '--output <output>',
        'interactive shows the tokens of cards, compact one line each, json all there is, quiet failures only; follows from where it goes when absent',
      ).choices(OUTPUTS),
    )
    .option('--fail <status>', 'answer this HTTP status instead, such as 503: the gateway tries again')
    .option('--credentials <file>', 'instead of .gerbang/demo-partner.json')
    .option('--json', 'the same as --output json')
    .action(async (options: ListenCommandOptions) => {
      const { listen } = await import('../listen/listen.ts')
      await listen(context, {
        port: portOf(options.port) ?? listenPortOf(context.config),
        output: options.json
          ? 'json'
          : (options.output ?? (process.stdout.isTTY ? 'interactive' : 'compact')),
        forwardTo: options.forwardTo === undefined ? undefined : targetOf(options.forwardTo),
        failWith: statusOf(options.fail),
        credentials: options.credentials,
      })
    })
}

/** That of the environment; else the one that `start` has given the demo partner. */
function listenPortOf(config: CliConfig): number {
  return Number(gatewayEnvironment(config).GERBANG_LISTEN_PORT || config.listenPort)
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw usageFailure('--port must be a whole number from 0 to 65535.')
}

/** `3000/notify` is a path of this machine. */
function targetOf(text: string): URL {
  const url = /^\d{1,5}(\/|$)/.test(text) ? `http://127.0.0.1:${text}` : text
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url)
  throw usageFailure('--forward-to must be a URL such as http://127.0.0.1:3000/notify, or 3000/notify.')
}

function statusOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^[345]\d\d$/.test(text)) return Number(text)
  throw usageFailure('--fail must be an HTTP status from 300 to 599, such as 503.')
}
