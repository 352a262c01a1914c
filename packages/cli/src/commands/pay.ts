import { randomBytes } from 'node:crypto'
import type { Payment, PaymentStatus, SnapClient } from '@gerbang/sdk'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { needCredentials } from '../credentials.ts'
import { CommandFailure, EXIT, usageFailure } from '../failure.ts'
import { sayJson, sayRows } from '../terminal.ts'

interface PayOptions {
  readonly cpan: string
  readonly ott: string
  readonly amount: string
  readonly reference?: string
  readonly externalId?: string
  readonly credentials?: string
  readonly json?: boolean
}

interface StatusOptions {
  readonly referenceNo?: string
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

export function addStatus(program: Command, context: Context): void {
  program
    .command('status')
    .description('ask what became of a payment')
    .argument('[partnerReferenceNo]', 'your number of the order')
    .option('--reference-no <number>', "the gateway's number")
    .option('--external-id <id>', 'X-EXTERNAL-ID of the payment')
    .option('--credentials <file>', 'instead of .gerbang/demo-partner.json')
    .option('--json', 'print JSON')
    .action((reference: string | undefined, options: StatusOptions) => status(context, reference, options))
}

async function pay({ config, terminal }: Context, options: PayOptions): Promise<void> {
  const amount = toAmount(options.amount)
  const partnerReferenceNo = options.reference ?? `CLI-${Date.now()}-${randomBytes(4).toString('hex')}`
  const payment = await withClient({ config, terminal }, options.credentials, (client) =>
    client.pay({
      partnerReferenceNo,
      amount,
      chargeToken: options.cpan,
      otp: options.ott,
      ...(options.externalId === undefined ? {} : { externalId: options.externalId }),
    }),
  )
  if (options.json) {
    sayJson(terminal, payment)
    return
  }
  sayPayment({ config, terminal }, payment)
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
  if (payment.status === 'pending') terminal.say(`Next: gerbang status ${payment.partnerReferenceNo}`)
}

async function status(
  context: Context,
  reference: string | undefined,
  options: StatusOptions,
): Promise<void> {
  const known = await withClient(context, options.credentials, (client) =>
    client.status({
      ...(reference === undefined ? {} : { originalPartnerReferenceNo: reference }),
      ...(options.referenceNo === undefined ? {} : { originalReferenceNo: options.referenceNo }),
      ...(options.externalId === undefined ? {} : { originalExternalId: options.externalId }),
    }),
  )
  if (options.json) {
    sayJson(context.terminal, known)
    return
  }
  sayStatus(context, known)
}

function sayStatus({ terminal }: Context, known: PaymentStatus): void {
  terminal.say(`${terminal.shade('bold', known.status)} (money: ${known.money})`)
  const original = [known.originalResponseCode, known.originalResponseMessage].filter(
    (part) => part !== undefined,
  )
  sayRows(terminal, [
    ['partnerReferenceNo', known.originalPartnerReferenceNo],
    ['referenceNo', known.originalReferenceNo],
    ['externalId', known.originalExternalId],
    ['amount', known.amount],
    ['paidTime', known.paidTime],
    [
      'latestTransactionStatus',
      `${known.latestTransactionStatus} ${known.transactionStatusDesc ?? ''}`.trim(),
    ],
    ['answer', original.length > 0 ? original.join(' ') : undefined],
  ])
}

/** `150000` is whole rupiah; `150000.00` is taken as it stands. */
function toAmount(text: string): string {
  if (/^\d{1,16}$/.test(text)) return `${text}.00`
  if (/^\d{1,16}\.\d{2}$/.test(text)) return text
  throw usageFailure('--amount must be whole rupiah (150000) or have two decimals (150000.00).')
}

async function withClient<Result>(
  { config }: Context,
  credentialsFile: string | undefined,
  act: (client: SnapClient) => Promise<Result>,
): Promise<Result> {
  const credentials = needCredentials(config, credentialsFile)
  const sdk = await import('@gerbang/sdk')
  try {
    return await act(new sdk.SnapClient(credentials))
  } catch (error) {
    if (error instanceof sdk.ValidationError) throw usageFailure(error.message, 'gerbang pay --help')
    if (error instanceof sdk.NoAnswerError) {
      throw new CommandFailure(EXIT.unreachable, `${credentials.baseUrl}: ${error.message}`, {
        next: error.money === 'unknown' ? 'gerbang status' : 'gerbang start',
        facts: { money: error.money, externalId: error.externalId },
      })
    }
    if (error instanceof sdk.RefusedError) throw refusal(error)
    throw error
  }
}

function refusal(error: InstanceType<typeof import('@gerbang/sdk').RefusedError>): CommandFailure {
  const { responseCode, responseMessage, outcome, money, advice, externalId } = error
  return new CommandFailure(EXIT.refused, error.message, {
    ...(money === 'unknown' ? { next: 'gerbang status' } : {}),
    facts: { responseCode, responseMessage, outcome, money, advice, externalId },
  })
}
