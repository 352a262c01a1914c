import type { CardBinding, OtpVerification, SnapClient } from '@gerbang/sdk'
import type { Command } from 'commander'
import type { NamedChannel } from '../channel-names.ts'
import type { Context } from '../context.ts'
import { controlOf, type Inbox, openInbox } from '../demo/simulator-control.ts'
import { CommandFailure, EXIT, usageFailure } from '../failure.ts'
import { sayJson, sayRows, type Terminal } from '../terminal.ts'
import { answerRow, askGateway } from './ask-gateway.ts'
import { type AskingOptions, addAskingOptions, given } from './asking-options.ts'
import { channelOption, channelWords, sayVerification } from './otp.ts'
import { channelFor } from './way-of-channel.ts'

interface BindOptions extends AskingOptions {
  readonly channel?: string
  readonly cpan: string
  readonly expiry?: string
  readonly cardType?: string
  readonly ott?: string
  readonly customer: string
  readonly phone?: string
  readonly hostToHost?: boolean
  readonly otp?: string
  readonly reference?: string
  readonly successUrl?: string
  readonly failedUrl?: string
  readonly qr?: boolean
}

const FROM_INBOX = 'inbox'
const SHOP = 'https://shop.example'

export function addBind(program: Command, context: Context): void {
  const command = program
    .command('bind')
    .description(
      "keep a card, with the cardholder's consent: on the gateway's page, or with a code that you ask for",
    )
    .requiredOption('--cpan <digits>', "the card's number (CPAN); for BRI its last four digits")
    .addOption(channelOption())
    .option('--expiry <MMYY>', "the card's month and year, where the channel asks for it")
    .option('--card-type <type>', 'C for credit, D for debit; when absent C with kki, else D')
    .option('--ott <digits>', 'the one-time token, if the issuer wants one for this')
    .option('--customer <id>', 'your number of the customer: letters and digits', 'CUST001')
    .option('--phone <number>', 'where the code is sent: 628… or 08…')
    .option('--host-to-host', 'no page: the cardholder gives you the code')
    .option(
      '--otp <digits>',
      'the code, which keeps the card at once; `inbox` reads it from the simulator; host-to-host',
    )
    .option('--reference <text>', 'your number of the binding')
    .option(
      '--success-url <url>',
      `where the page sends the customer when the card is kept; ${SHOP}/ok where the channel wants one`,
    )
    .option('--failed-url <url>', `and where when it is not; ${SHOP}/failed where the channel wants one`)
    .option('--qr', 'show the page also as a QR code, for a telephone')
  addAskingOptions(command).action((options: BindOptions) => bind(context, options))
}

interface Bound {
  readonly binding: CardBinding
  readonly verification: OtpVerification | undefined
}

async function bind(context: Context, options: BindOptions): Promise<void> {
  const { terminal } = context
  const { reference: partnerReferenceNo, credentials } = options
  const channel = options.channel === undefined ? undefined : await channelFor('bind', options.channel)
  const inbox = await inboxOf(context, options)
  const asking = { command: 'bind', subject: 'card', numbers: { partnerReferenceNo }, credentials } as const
  const { binding, verification } = await askGateway(context.config, asking, (client) =>
    bindWith(client, options, { inbox, channel }),
  )
  if (options.json) sayJson(terminal, { ...binding, ...(verification && { verification }) })
  else if (verification !== undefined) sayVerification(context, verification, channel)
  else await sayBinding(terminal, binding, options)
}

interface Surroundings {
  readonly inbox: Inbox | undefined
  readonly channel: NamedChannel | undefined
}

async function bindWith(
  client: SnapClient,
  options: BindOptions,
  { inbox, channel }: Surroundings,
): Promise<Bound> {
  const { cpan, ott, expiry, cardType, customer, phone, reference, otp } = options
  const isHostToHost = options.hostToHost === true || otp !== undefined
  const binding = await client.bindCard({
    card: { cardNumber: cpan, ...given({ otp: ott, expiryDate: expiry, cardType }) },
    custIdMerchant: customer,
    flow: isHostToHost ? 'host-to-host' : 'page',
    ...given({ channel: channel?.name, phoneNo: phone, partnerReferenceNo: reference }),
    ...given(returnUrls(options, channel)),
  })
  if (otp === undefined) return { binding, verification: undefined }
  const { referenceNo: originalReferenceNo } = binding
  if (originalReferenceNo === undefined || binding.authCode === undefined) throw notSentYet(binding, options)
  const code = (await inbox?.nextCode()) ?? otp
  return {
    binding,
    verification: await client.verifyOtp({
      originalReferenceNo,
      otp: code,
      ...given({ channel: channel?.name }),
    }),
  }
}

/** Some channels refuse a binding that does not say where its customer goes afterwards. */
function returnUrls({ successUrl, failedUrl }: BindOptions, channel: NamedChannel | undefined) {
  const wanted = channel?.known?.profile.binding?.requires ?? []
  const usual = (member: string, url: string) =>
    wanted.includes(`additionalInfo.${member}`) ? url : undefined
  return {
    successUrl: successUrl ?? usual('successRegistrationUrl', `${SHOP}/ok`),
    failedUrl: failedUrl ?? usual('failedRegistrationUrl', `${SHOP}/failed`),
  }
}

/** Opened before the binding begins, so that its code is the first that comes. */
function inboxOf({ config }: Context, { otp, phone }: BindOptions): Promise<Inbox> | undefined {
  if (otp !== FROM_INBOX) return undefined
  if (phone === undefined) throw usageFailure('--otp inbox needs --phone: the telephone whose inbox is read.')
  return openInbox(controlOf(config), phone)
}

function notSentYet(
  { referenceNo, externalId, responseCode, responseMessage }: CardBinding,
  { channel }: BindOptions,
): CommandFailure {
  return new CommandFailure(
    EXIT.failedCheck,
    `${responseCode} ${responseMessage}: the network has not said yet whether the code was sent.`,
    {
      numbers: { referenceNo, externalId },
      next: `npx gerbang otp resend ${referenceNo ?? '<referenceNo>'}${channelWords(channel)}, in a minute`,
    },
  )
}

async function sayBinding(
  terminal: Terminal,
  binding: CardBinding,
  { qr, channel }: BindOptions,
): Promise<void> {
  const { redirectUrl, referenceNo, authCode } = binding
  if (redirectUrl !== undefined) {
    terminal.say(`${terminal.shade('yellow', 'Open.')} The cardholder confirms on this page:`)
    terminal.say(`  ${redirectUrl}`)
    if (qr) await sayQr(terminal, redirectUrl)
  } else if (authCode !== undefined) {
    terminal.say(`${terminal.shade('yellow', 'Open.')} The cardholder was sent a code.`)
  } else {
    terminal.say(
      `${terminal.shade('yellow', 'Pending.')} The network has not answered yet; the notification tells.`,
    )
  }
  sayRows(terminal, [
    ['referenceNo', referenceNo],
    ['authCode', authCode],
    ['externalId', binding.externalId],
    answerRow(binding),
  ])
  if (redirectUrl !== undefined) {
    terminal.say(
      'Next: npx gerbang listen (in another terminal) shows what becomes of it, and the token; npx gerbang inbox the code',
    )
  } else if (authCode !== undefined) {
    terminal.say(
      `Next: npx gerbang otp verify ${referenceNo ?? '<referenceNo>'}${channelWords(channel)} --otp <digits>`,
    )
  }
}

async function sayQr(terminal: Terminal, url: string): Promise<void> {
  const { renderUnicodeCompact } = await import('uqr')
  for (const line of renderUnicodeCompact(url).split('\n')) terminal.say(`  ${line}`)
}
