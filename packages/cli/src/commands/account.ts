import type { AccountBinding, BalanceResult } from '@gerbang/sdk'
import type { Command } from 'commander'
import { channelNamed } from '../channel-names.ts'
import type { Context } from '../context.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { type AccountOptions, addAccountOptions, customerTokenOf } from './account-options.ts'
import { addAccountPayment } from './account-payment.ts'
import { addAccountUnbinding } from './account-unbinding.ts'
import { answerRow, askGateway } from './ask-gateway.ts'
import { type AskingOptions, addAskingOptions, given } from './asking-options.ts'
import { channelFor } from './way-of-channel.ts'

interface BindOptions extends AskingOptions {
  readonly channel: string
  readonly phone: string
  readonly customer: string
  readonly successUrl: string
  readonly failedUrl: string
  readonly deviceId?: string
  readonly deviceModel?: string
  readonly ipAddress?: string
}

const SHOP = 'https://shop.example'

export function addAccount(program: Command, context: Context): void {
  const account = program
    .command('account')
    .description("keep a customer's account at a bank or wallet, and pay from it")
  addAskingOptions(
    account
      .command('bind')
      .description('keep an account: its holder confirms on the gateway’s page, with a code and mostly a PIN')
      .requiredOption('--channel <name>', 'such as cimb, allo, ovo')
      .requiredOption('--phone <number>', 'by which the bank or wallet knows the customer: 628… or 08…')
      .option('--customer <id>', 'your number of the customer', 'CUST001')
      .option(
        '--success-url <url>',
        'where the page sends the customer when the account is kept',
        `${SHOP}/ok`,
      )
      .option('--failed-url <url>', 'and where when it is not', `${SHOP}/failed`)
      .option('--device-id <id>', "of the customer's device, where the channel asks for it")
      .option('--device-model <text>', 'the same')
      .option('--ip-address <address>', "the customer's, where the channel asks for it"),
  ).action((options: BindOptions) => bind(context, options))
  addAccountPayment(account, context)
  addAccountOptions(account.command('balance').description('what an account holds')).action(
    (options: AccountOptions) => balance(context, options),
  )
  addAccountUnbinding(account, context)
}

async function bind({ config, terminal }: Context, options: BindOptions): Promise<void> {
  const { phone, customer, successUrl, failedUrl, deviceId, deviceModel, ipAddress, credentials } = options
  const { name: channel } = await channelFor('account bind', options.channel)
  const device = given({ deviceId, deviceModel })
  const asking = { command: 'account bind', subject: 'account', numbers: {}, credentials } as const
  const binding = await askGateway(config, asking, (client) =>
    client.bindAccount({
      channel,
      phoneNo: phone,
      custIdMerchant: customer,
      successUrl,
      failedUrl,
      // Channels that ask for a device ask for all of it.
      ...(deviceModel === undefined
        ? { device }
        : { device: { ...device, osType: 'android', channelId: 'app' } }),
      ...given({ ipAddress }),
    }),
  )
  if (options.json) sayJson(terminal, binding)
  else sayBinding({ config, terminal }, binding, options.channel)
}

function sayBinding({ terminal }: Context, binding: AccountBinding, channel: string): void {
  const { redirectUrl, referenceNo, authCode } = binding
  if (redirectUrl === undefined) {
    terminal.say(
      `${terminal.shade('yellow', 'Pending.')} The bank has not answered yet; the notification tells.`,
    )
  } else {
    terminal.say(`${terminal.shade('yellow', 'Open.')} The customer confirms on this page:`)
    terminal.say(`  ${redirectUrl}`)
  }
  sayRows(terminal, [
    ['referenceNo', referenceNo],
    ['authCode', authCode],
    ['externalId', binding.externalId],
    answerRow(binding),
  ])
  terminal.say(
    `Next: when it is confirmed (npx gerbang inbox shows the code), npx gerbang account pay --channel ${channel} --auth-code ${authCode ?? '<authCode>'} --amount 150000`,
  )
}

async function balance({ config, terminal }: Context, options: AccountOptions): Promise<void> {
  const { ipAddress, credentials } = options
  const { name: channel } = await channelNamed(options.channel)
  const asking = { command: 'account balance', subject: 'account', numbers: {}, credentials } as const
  const result: BalanceResult = await askGateway(config, asking, async (client) => {
    const customerToken = await customerTokenOf(client, options)
    return client.balance({ channel, customerToken, ...given({ ipAddress }) })
  })
  if (options.json) {
    sayJson(terminal, result)
    return
  }
  sayRows(
    terminal,
    result.balances.flatMap(({ balanceType, amount, holdAmount }) => [
      [balanceType ?? 'balance', amount],
      ['  held', holdAmount],
    ]),
  )
  sayRows(terminal, [answerRow(result)])
}
