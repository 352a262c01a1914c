import type { PaymentStatus } from '@gerbang/sdk'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { usageFailure } from '../failure.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { askGateway } from './ask-gateway.ts'

interface StatusOptions {
  readonly referenceNo?: string
  readonly externalId?: string
  readonly credentials?: string
  readonly json?: boolean
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

async function status(
  { config, terminal }: Context,
  partnerReferenceNo: string | undefined,
  { referenceNo, externalId, credentials, json }: StatusOptions,
): Promise<void> {
  if (!partnerReferenceNo && !referenceNo && !externalId) {
    throw usageFailure(
      'Which payment? One of its numbers is needed: `pay` prints all three.',
      'npx gerbang status <partnerReferenceNo>, or --reference-no <number>, or --external-id <id>',
    )
  }
  const asking = {
    command: 'status',
    numbers: { partnerReferenceNo, referenceNo, externalId },
    credentials,
  } as const
  const known = await askGateway(config, asking, (client) =>
    client.status({
      ...(partnerReferenceNo && { originalPartnerReferenceNo: partnerReferenceNo }),
      ...(referenceNo && { originalReferenceNo: referenceNo }),
      ...(externalId && { originalExternalId: externalId }),
    }),
  )
  if (json) sayJson(terminal, known)
  else sayStatus({ config, terminal }, known)
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
