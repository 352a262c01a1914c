import type { OtpVerification } from '@gerbang/sdk'
import { type Command, Option } from 'commander'
import type { NamedChannel } from '../channel-names.ts'
import type { Context } from '../context.ts'
import { shellWord } from '../shell-word.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { answerRow, askGateway } from './ask-gateway.ts'
import { type AskingOptions, addAskingOptions, given } from './asking-options.ts'
import { channelFor, isPaidByToken } from './way-of-channel.ts'

interface OtpOptions extends AskingOptions {
  readonly channel?: string
}

interface VerifyOptions extends OtpOptions {
  readonly otp: string
}

/** Where the card is kept. No default of the program's own: who names no channel need not wait until the list is read. */
export function channelOption(): Option {
  return new Option('--channel <name>', 'that keeps the card, such as bri, mandiri; kki when absent')
}

/** The option once more, for a command to be typed next. */
export function channelWords(channel: string | undefined): string {
  return channel === undefined ? '' : ` --channel ${shellWord(channel)}`
}

export function addOtp(program: Command, context: Context): void {
  const otp = program.command('otp').description('the code that a cardholder is sent when a card is kept')
  const resend = otp
    .command('resend')
    .description('send the code again; the earlier one is worth nothing then')
    .argument('<referenceNo>', "the gateway's number of the binding")
    .addOption(channelOption())
  addAskingOptions(resend).action((referenceNo: string, options: OtpOptions) =>
    resendCode(context, referenceNo, options),
  )
  const verify = otp
    .command('verify')
    .description('give the code back, which keeps the card')
    .argument('<referenceNo>', "the gateway's number of the binding")
    .requiredOption('--otp <digits>', 'what the cardholder was sent')
    .addOption(channelOption())
  addAskingOptions(verify).action((referenceNo: string, options: VerifyOptions) =>
    verifyCode(context, referenceNo, options),
  )
}

async function resendCode(
  { config, terminal }: Context,
  originalReferenceNo: string,
  { credentials, json, channel }: OtpOptions,
): Promise<void> {
  const named = await cardChannel(channel)
  const asking = {
    command: 'otp resend',
    subject: 'card',
    numbers: { referenceNo: originalReferenceNo },
    credentials,
  } as const
  const result = await askGateway(config, asking, (client) =>
    client.resendOtp({ originalReferenceNo, ...given({ channel: named?.name }) }),
  )
  if (json) {
    sayJson(terminal, result)
    return
  }
  terminal.say(
    result.status === 'sent'
      ? `${terminal.shade('green', 'Sent.')} The earlier code is worth nothing any more.`
      : `${terminal.shade('yellow', 'Pending.')} Whether a code was sent is not known.`,
  )
  sayRows(terminal, [
    ['referenceNo', result.originalReferenceNo ?? originalReferenceNo],
    ['otpExpiresAt', result.otpExpiresAt],
    answerRow(result),
  ])
  terminal.say(`Next: npx gerbang otp verify ${originalReferenceNo}${channelWords(channel)} --otp <digits>`)
}

async function verifyCode(
  { config, terminal }: Context,
  originalReferenceNo: string,
  { credentials, json, otp, channel }: VerifyOptions,
): Promise<void> {
  const named = await cardChannel(channel)
  const asking = {
    command: 'otp verify',
    subject: 'card',
    numbers: { referenceNo: originalReferenceNo },
    credentials,
  } as const
  const result = await askGateway(config, asking, (client) =>
    client.verifyOtp({ originalReferenceNo, otp, ...given({ channel: named?.name }) }),
  )
  if (json) sayJson(terminal, result)
  else sayVerification({ config, terminal }, result, named)
}

function cardChannel(channel: string | undefined): Promise<NamedChannel | undefined> {
  return channel === undefined ? Promise.resolve(undefined) : channelFor('bind', channel)
}

/** What a code has brought: the token of the card, or that it is not known yet. */
export function sayVerification(
  { terminal }: Context,
  result: OtpVerification,
  channel: NamedChannel | undefined,
): void {
  terminal.say(
    result.status === 'bound'
      ? `${terminal.shade('green', 'Bound.')} The token stands for the card: keep it like a card number.`
      : `${terminal.shade('yellow', 'Pending.')} Whether the card is kept is not known yet; the notification tells.`,
  )
  sayRows(terminal, [
    ['bankCardToken', result.bankCardToken],
    ['authCode', result.authCode],
    ['custIdMerchant', result.custIdMerchant],
    ['referenceNo', result.originalReferenceNo],
    answerRow(result),
  ])
  if (channel !== undefined && !isPaidByToken(channel)) {
    if (result.authCode === undefined) return
    const where = channel.known?.slug ?? channel.name
    terminal.say(
      `Next: npx gerbang account pay --channel ${where} --auth-code ${result.authCode} --amount 10000.00`,
    )
  } else if (result.bankCardToken !== undefined) {
    terminal.say(`Next: npx gerbang pay --token ${result.bankCardToken} --amount 10000.00`)
  }
}
