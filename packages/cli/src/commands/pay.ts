import type { PaymentOrder } from '@gerbang/sdk'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { usageFailure } from '../failure.ts'
import { makeReference } from '../made-numbers.ts'
import { sayJson } from '../terminal.ts'
import { askPatiently, statusCommand } from './ask-gateway.ts'
import { type AskingOptions, addAskingOptions, given, readAmount } from './asking-options.ts'
import { sayPayment } from './say-payment.ts'

const VARIANTS = ['V1', 'V2', 'V3', 'V4'] as const

type Variant = (typeof VARIANTS)[number]

interface PayOptions extends AskingOptions {
  readonly variant?: Variant
  readonly cpan?: string
  readonly ott?: string
  readonly token?: string
  readonly keepCard?: boolean
  readonly recurring?: boolean
  readonly amount: string
  readonly reference?: string
  readonly externalId?: string
  readonly customerToken?: string
}

export function addPay(program: Command, context: Context): void {
  const command = program
    .command('pay')
    .description('pay with a Kartu Kredit Indonesia card: once, keeping it, or with a kept one')
    .addOption(
      new Option(
        '--variant <variant>',
        'V1 once, V2 and keep the card, V3 with a kept card, V4 with a kept card and nobody there; follows from the rest when absent',
      ).choices(VARIANTS),
    )
    .option('--cpan <digits>', "V1, V2: the card's number (CPAN)")
    .option(
      '--ott <digits>',
      "V1, V2: the one-time token of the issuer's application; V3: if the issuer wants it",
    )
    .option('--token <bankCardToken>', 'V3, V4: what stands for the kept card')
    .option('--keep-card', 'V2: keep the card, if the cardholder agrees')
    .option('--recurring', 'V4: without asking the cardholder')
    .requiredOption('--amount <rupiah>', 'such as 150000 or 150000.00')
    .option('--reference <text>', 'your number of the order; made when absent')
    .option('--external-id <id>', 'X-EXTERNAL-ID; the same one again never pays twice')
    .option('--customer-token <token>', 'of `gerbang token`, for gateways that ask for it')
  addAskingOptions(command).action((options: PayOptions) => pay(context, options))
}

async function pay(context: Context, options: PayOptions): Promise<void> {
  const { terminal } = context
  const partnerReferenceNo = options.reference ?? makeReference('CLI')
  const order = orderOf(options, partnerReferenceNo)
  const { credentials } = options
  const asking = { command: 'pay', subject: 'payment', numbers: { partnerReferenceNo }, credentials } as const
  const payment = await askPatiently(context, asking, (client) => client.pay(order))
  if (options.json) {
    sayJson(terminal, payment)
    return
  }
  sayPayment({ terminal }, payment)
  if (payment.status === 'pending' || order.keepCard) terminal.say(`Next: ${statusCommand(asking)}`)
}

function orderOf(options: PayOptions, partnerReferenceNo: string): PaymentOrder {
  const { cpan, ott, token, externalId, customerToken } = options
  const variant = variantOf(options)
  const common = {
    partnerReferenceNo,
    amount: readAmount(options.amount),
    ...given({ externalId, customerToken }),
  }
  if (variant === 'V3' || variant === 'V4') {
    if (!token) throw missing(variant, '--token (of `bind`, of `status`, or of a notification)')
    return { ...common, bankCardToken: token, recurring: variant === 'V4', ...given({ otp: ott }) }
  }
  if (!cpan || !ott) throw missing(variant, '--cpan and --ott')
  return { ...common, chargeToken: cpan, otp: ott, keepCard: variant === 'V2' }
}

/** The variant that the options ask for. @throws CommandFailure when they contradict each other */
function variantOf({ variant, cpan, token, keepCard, recurring }: PayOptions): Variant {
  const isKept = token !== undefined || variant === 'V3' || variant === 'V4'
  const named = isKept ? (recurring || variant === 'V4' ? 'V4' : 'V3') : keepCard ? 'V2' : (variant ?? 'V1')
  const clash = [
    [isKept && cpan !== undefined, '--cpan does not go with a kept card'],
    [isKept && keepCard, '--keep-card does not go with a card that is kept already'],
    [!isKept && recurring, '--recurring needs --token'],
    [
      variant !== undefined && variant !== named,
      `--variant ${variant} is not what the other options ask for (${named})`,
    ],
  ].find(([isWrong]) => isWrong)
  if (clash) throw usageFailure(`${clash[1]}.`, 'npx gerbang pay --help')
  return named
}

function missing(variant: Variant, what: string) {
  return usageFailure(`${variant} needs ${what}.`, 'npx gerbang pay --help')
}
