import type { SnapClient } from '@gerbang/sdk'
import type { Command } from 'commander'
import { usageFailure } from '../failure.ts'
import { type AskingOptions, addAskingOptions } from './asking-options.ts'

/** What every command has that acts for a customer whose account is kept. */
export interface AccountOptions extends AskingOptions {
  readonly channel: string
  readonly authCode?: string
  readonly customerToken?: string
  readonly ipAddress?: string
}

export function addAccountOptions(command: Command): Command {
  return addAskingOptions(
    command
      .requiredOption('--channel <name>', 'such as cimb, allo, ovo')
      .option('--auth-code <code>', 'of `account bind`: a token is asked for with it')
      .option('--customer-token <token>', 'of `gerbang token`, instead of --auth-code')
      .option('--ip-address <address>', "the customer's, where the channel asks for it"),
  )
}

/** The customer's token that was given, or one for the code of a binding. @throws CommandFailure */
export async function customerTokenOf(
  client: SnapClient,
  { authCode, customerToken }: Pick<AccountOptions, 'authCode' | 'customerToken'>,
): Promise<string> {
  if (customerToken !== undefined && authCode === undefined) return customerToken
  if (authCode === undefined || customerToken !== undefined) {
    throw usageFailure('One of --auth-code and --customer-token is needed.', 'npx gerbang token --help')
  }
  return (await client.customerToken({ authCode })).accessToken
}
