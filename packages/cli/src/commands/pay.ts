import { randomBytes } from 'node:crypto'
import type { Payment } from '@gerbang/sdk'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { usageFailure } from '../failure.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { askGateway, statusCommand } from './ask-gateway.ts'

/** A network that keeps silent is waited for up to 25 seconds: long enough to wonder, or to press Ctrl-C. */
const PATIENCE_MS = 2_000

interface PayOptions {
  readonly cpan: string
  readonly ott: string
  readonly amount: string
  readonly reference?: string
  readonly externalId?: string
  readonly credentials?: string
  readonly json?: boolean
}

export function addPay(program: Command, context: Context): void {
  program
    .command('pay')
    .description('pay with a Kartu Kredit Indonesia card')
    .requiredOption('--cpan <digits>', "the card's number (CPAN)")
    .requiredOption('--ott <digits>', "the one-time token of the issuer's application")
    .requiredOption('--amount <rupiah>', 'such as 150000 or 150000.00')
    .option('--reference <text>', 'your number of the order; made when absent')
    .option('--external-id <id>', 'X-EXTERNAL-ID; the same one again never pays twice')
    .option('--credentials <file>', 'instead of .gerbang/demo-partner.json')
    .option('--json', 'print JSON')
    .action((options: PayOptions) => pay(context, options))
}

async function pay({ config, terminal }: Context, options: PayOptions): Promise<void> {
  const amount = toAmount(options.amount)
  const partnerReferenceNo = options.reference ?? `CLI-${Date.now()}-${randomBytes(4).toString('hex')}`
  const { credentials } = options
  const asking = { command: 'pay', numbers: { partnerReferenceNo }, credentials } as const
  const impatience = setTimeout(() => {
    terminal.complain(`Waiting for the network. If you stop now, ask later: ${statusCommand(asking)}`)
  }, PATIENCE_MS)
  const payment = await askGateway(config, asking, (client) =>
    client.pay({
      partnerReferenceNo,
      amount,
      chargeToken: options.cpan,
      otp: options.ott,
      ...(options.externalId === undefined ? {} : { externalId: options.externalId }),
    }),
  ).finally(() => clearTimeout(impatience))
  if (options.json) {
    sayJson(terminal, payment)
    return
  }
  sayPayment({ config, terminal }, payment)
  if (payment.status === 'pending') terminal.say(`Next: ${statusCommand(asking)}`)
}

function sayPayment({ terminal }: Context, payment: Payment): void {
  terminal.say(
    payment.status === 'paid'
      ? `${terminal.shade('green', 'Paid.')} The money moved.`
      : `${terminal.shade('yellow', 'Pending.')} Whether the money moves is not known yet: do not pay again.`,
  )
  sayRows(terminal, [
    ['partnerReferenceNo', payment.partnerReferenceNo],
    ['referenceNo', payment.referenceNo],
    ['externalId', payment.externalId],
    [
      'answer',
      `${payment.responseCode} ${payment.responseMessage}${payment.isReplay ? ' (stored answer)' : ''}`,
    ],
  ])
}

/** `150000` is whole rupiah; `150000.00` is taken as it stands. */
function toAmount(text: string): string {
  if (/^\d{1,16}$/.test(text)) return `${text}.00`
  if (/^\d{1,16}\.\d{2}$/.test(text)) return text
  throw usageFailure('--amount must be whole rupiah (150000) or have two decimals (150000.00).')
}
