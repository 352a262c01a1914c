import type { Command } from 'commander'
import { makeReferenceFor } from '../channel-names.ts'
import type { Context } from '../context.ts'
import { sayJson } from '../terminal.ts'
import { askPatiently, statusCommand } from './ask-gateway.ts'
import { type AskingOptions, addAskingOptions, given, readAmount } from './asking-options.ts'
import { sayPayment } from './say-payment.ts'
import { channelFor } from './way-of-channel.ts'

interface WalletOptions extends AskingOptions {
  readonly channel: string
  readonly amount: string
  readonly reference?: string
  readonly returnUrl: string
  readonly title?: string
  readonly deviceId?: string
  readonly ipAddress?: string
  readonly externalId?: string
}

export function addWallet(program: Command, context: Context): void {
  const wallet = program
    .command('wallet')
    .description('payments that the customer confirms in the wallet’s own application')
  addAskingOptions(
    wallet
      .command('pay')
      .description('ask for a payment, and tell where its customer confirms it')
      .requiredOption('--channel <name>', 'such as dana, shopeepay')
      .requiredOption('--amount <rupiah>', 'such as 150000 or 150000.00')
      .option('--reference <text>', 'your number of the order; made when absent')
      .option(
        '--return-url <url>',
        'where the wallet sends the customer afterwards',
        'https://shop.example/back',
      )
      .option('--title <text>', 'what the customer reads')
      .option('--device-id <id>', "of the customer's device")
      .option('--ip-address <address>', "the customer's")
      .option('--external-id <id>', 'X-EXTERNAL-ID; the same one again never pays twice'),
  ).action((options: WalletOptions) => pay(context, options))
}

async function pay(context: Context, options: WalletOptions): Promise<void> {
  const { returnUrl, title, deviceId, ipAddress, externalId, credentials } = options
  const channel = await channelFor('wallet pay', options.channel)
  const partnerReferenceNo = options.reference ?? makeReferenceFor(channel)
  const numbers = { partnerReferenceNo }
  const asking = { command: 'wallet pay', subject: 'payment', numbers, credentials } as const
  const payment = await askPatiently(context, asking, (client) =>
    client.payByWallet({
      channel: channel.name,
      partnerReferenceNo,
      amount: readAmount(options.amount),
      returnUrl,
      ...given({ orderTitle: title, deviceId, ipAddress, externalId }),
    }),
  )
  if (options.json) sayJson(context.terminal, payment)
  else sayPayment(context, payment, statusCommand(asking))
}
