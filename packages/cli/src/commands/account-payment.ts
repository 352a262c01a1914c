import type { Command } from 'commander'
import { channelNamed, makeReferenceFor } from '../channel-names.ts'
import type { Context } from '../context.ts'
import { shellWord } from '../shell-word.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { type AccountOptions, addAccountOptions, customerTokenOf } from './account-options.ts'
import { answerRow, askPatiently, statusCommand } from './ask-gateway.ts'
import { given, readAmount } from './asking-options.ts'
import { sayNumbers, sayPayment } from './say-payment.ts'
import { channelFor } from './way-of-channel.ts'

interface PayOptions extends AccountOptions {
  readonly amount: string
  readonly reference?: string
  readonly remarks: string
  readonly hostToHost?: boolean
  readonly recurring?: boolean
  readonly option?: string
  readonly successUrl: string
  readonly failedUrl: string
  readonly externalId?: string
}

interface ConfirmOptions extends AccountOptions {
  readonly otp: string
}

const SHOP = 'https://shop.example'

export function addAccountPayment(account: Command, context: Context): void {
  addAccountOptions(
    account
      .command('pay')
      .description('pay from a kept account: its holder confirms on a page, or gives you the code')
      .requiredOption('--amount <rupiah>', 'such as 150000 or 150000.00')
      .option('--reference <text>', 'your number of the order; made when absent')
      .option('--remarks <text>', 'what the customer reads', 'gerbang account pay')
      .option('--host-to-host', 'no page: the customer gives you the code for `account confirm`')
      .option('--recurring', 'without asking the customer')
      .option('--option <method>', 'what is paid with, where the channel asks: CASH, POINTS, BALANCE …')
      .option('--success-url <url>', 'where the page sends the customer afterwards', `${SHOP}/ok`)
      .option('--failed-url <url>', 'and where when it failed', `${SHOP}/failed`)
      .option('--external-id <id>', 'X-EXTERNAL-ID; the same one again never pays twice'),
  ).action((options: PayOptions) => pay(context, options))
  addAccountOptions(
    account
      .command('confirm')
      .description('end a payment with the code that its customer was sent')
      .argument('<partnerReferenceNo>', 'your number of the order')
      .requiredOption('--otp <digits>', 'the code'),
  ).action((reference: string, options: ConfirmOptions) => confirm(context, reference, options))
}

async function pay(context: Context, options: PayOptions): Promise<void> {
  const { recurring, remarks, successUrl, failedUrl, ipAddress, externalId, credentials } = options
  const channel = await channelFor('account pay', options.channel)
  const partnerReferenceNo = options.reference ?? makeReferenceFor(channel)
  const amount = readAmount(options.amount)
  const asking = {
    command: 'account pay',
    subject: 'payment',
    numbers: { partnerReferenceNo },
    credentials,
  } as const
  const payment = await askPatiently(context, asking, async (client) => {
    const customerToken = await customerTokenOf(client, options)
    return client.payFromAccount({
      channel: channel.name,
      partnerReferenceNo,
      amount,
      customerToken,
      remarks,
      successUrl,
      failedUrl,
      flow: options.hostToHost ? 'host-to-host' : 'page',
      lineItems: [{ name: 'gerbang', price: amount, quantity: 1 }],
      ...given({ recurring, ipAddress, externalId, payOptionDetails: payOptions(options.option, amount) }),
    })
  })
  if (options.json) {
    sayJson(context.terminal, payment)
    return
  }
  const isWaiting = payment.status === 'pending' && options.hostToHost === true && recurring !== true
  if (!isWaiting) {
    sayPayment(context, payment, statusCommand(asking))
    return
  }
  const { terminal } = context
  terminal.say(
    `${terminal.shade('yellow', 'Pending.')} Once the customer was sent a code, nothing moves before it is given. Do not pay again.`,
  )
  sayNumbers(context, payment)
  terminal.say(
    `Next: npx gerbang account confirm ${shellWord(partnerReferenceNo)} --channel ${options.channel} --otp <digits>, with the same --auth-code or --customer-token`,
  )
  terminal.say(`If no code was sent: ${statusCommand(asking)}`)
}

function payOptions(payMethod: string | undefined, amount: string) {
  if (payMethod === undefined) return undefined
  const transAmount = { value: amount, currency: 'IDR' }
  return [{ payMethod, transAmount, feeAmount: { value: '0.00', currency: 'IDR' } }]
}

async function confirm(context: Context, reference: string, options: ConfirmOptions): Promise<void> {
  const { terminal } = context
  const { otp, credentials } = options
  const { name: channel } = await channelNamed(options.channel)
  const numbers = { partnerReferenceNo: reference }
  const asking = { command: 'account confirm', subject: 'payment', numbers, credentials } as const
  const result = await askPatiently(context, asking, async (client) => {
    const customerToken = await customerTokenOf(client, options)
    return client.confirmPayment({ channel, originalPartnerReferenceNo: reference, otp, customerToken })
  })
  if (options.json) {
    sayJson(terminal, result)
    return
  }
  terminal.say(
    result.status === 'paid'
      ? `${terminal.shade('green', 'Paid.')} The money moved.`
      : `${terminal.shade('yellow', 'Pending.')} Whether the money moves is not known yet: do not pay again.`,
  )
  sayRows(terminal, [['referenceNo', result.originalReferenceNo], answerRow(result)])
  if (result.status === 'pending') terminal.say(`Next: ${statusCommand(asking)}`)
}
