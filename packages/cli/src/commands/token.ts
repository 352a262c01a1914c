import type { CustomerGrant } from '@gerbang/sdk'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { usageFailure } from '../failure.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { askGateway } from './ask-gateway.ts'
import { type AskingOptions, addAskingOptions } from './asking-options.ts'

interface TokenOptions extends AskingOptions {
  readonly authCode?: string
  readonly refreshToken?: string
}

export function addToken(program: Command, context: Context): void {
  const command = program
    .command('token')
    .description("a customer's access token (B2B2C), for --customer-token")
    .option('--auth-code <code>', 'of `bind` or of its notification')
    .option('--refresh-token <token>', 'of an earlier answer')
  addAskingOptions(command).action((options: TokenOptions) => token(context, options))
}

async function token({ config, terminal }: Context, options: TokenOptions): Promise<void> {
  const grant = grantOf(options)
  const { credentials } = options
  const asking = { command: 'token', subject: 'card', numbers: {}, credentials } as const
  const found = await askGateway(config, asking, (client) => client.customerToken(grant))
  if (options.json) {
    sayJson(terminal, found)
    return
  }
  terminal.say(
    `${terminal.shade('green', 'Issued.')} The token stands for the customer until it ends or the card is unbound.`,
  )
  sayRows(terminal, [
    ['accessToken', found.accessToken],
    ['ends', found.accessTokenExpiryTime],
    ['refreshToken', found.refreshToken],
    ['refreshTokenEnds', found.refreshTokenExpiryTime],
  ])
}

function grantOf({ authCode, refreshToken }: TokenOptions): CustomerGrant {
  if (authCode && !refreshToken) return { authCode }
  if (refreshToken && !authCode) return { refreshToken }
  throw usageFailure('One of --auth-code and --refresh-token is needed.', 'npx gerbang token --help')
}
