import type { OtpVerification } from '@gerbang/sdk'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { answerRow, askGateway } from './ask-gateway.ts'
import { type AskingOptions, addAskingOptions } from './asking-options.ts'

export function addOtp(program: Command, context: Context): void {
  const otp = program.command('otp').description('the code that a cardholder is sent when a card is kept')
  const resend = otp
    .command('resend')
    .description('send the code again; the earlier one is worth nothing then')
    .argument('<referenceNo>', "the gateway's number of the binding")
  addAskingOptions(resend).action((referenceNo: string, options: AskingOptions) =>
    resendCode(context, referenceNo, options),
  )
  const verify = otp
    .command('verify')
    .description('give the code back, which keeps the card')
    .argument('<referenceNo>', "the gateway's number of the binding")
    .requiredOption('--otp <digits>', 'what the cardholder was sent')
  addAskingOptions(verify).action((referenceNo: string, options: AskingOptions & { otp: string }) =>
    verifyCode(context, referenceNo, options),
  )
}

async function resendCode(
  { config, terminal }: Context,
  originalReferenceNo: string,
  { credentials, json }: AskingOptions,
): Promise<void> {
  const asking = {
    command: 'otp resend',
    subject: 'card',
    numbers: { referenceNo: originalReferenceNo },
    credentials,
  } as const
  const result = await askGateway(config, asking, (client) => client.resendOtp({ originalReferenceNo }))
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
  terminal.say(`Next: npx gerbang otp verify ${originalReferenceNo} --otp <digits>`)
}

async function verifyCode(
  { config, terminal }: Context,
  originalReferenceNo: string,
  { credentials, json, otp }: AskingOptions & { otp: string },
): Promise<void> {
  const asking = {
    command: 'otp verify',
    subject: 'card',
    numbers: { referenceNo: originalReferenceNo },
    credentials,
  } as const
  const result = await askGateway(config, asking, (client) => client.verifyOtp({ originalReferenceNo, otp }))
  if (json) sayJson(terminal, result)
  else sayVerification({ config, terminal }, result)
}

/** What a code has brought: the token of the card, or that it is not known yet. */
export function sayVerification({ terminal }: Context, result: OtpVerification): void {
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
  if (result.bankCardToken !== undefined) {
    terminal.say(`Next: npx gerbang pay --token ${result.bankCardToken} --amount 10000.00`)
  }
}
