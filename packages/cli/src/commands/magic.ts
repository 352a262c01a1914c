import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { sayJson } from '../terminal.ts'

export function addMagic(program: Command, { terminal }: Context): void {
  program
    .command('magic')
    .description('the values that make the simulator give a wanted answer')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const { MAGIC, OTP_BEHAVIOURS, OTT_BEHAVIOURS } = await import('@gerbang/simulator')
      if (options.json) {
        sayJson(terminal, {
          cases: MAGIC,
          oneTimeTokens: OTT_BEHAVIOURS,
          oneTimePasswords: OTP_BEHAVIOURS,
        })
        return
      }
      terminal.say(
        terminal.shade('bold', 'Nines, HTTP status, case: put the answer you want where you like.'),
      )
      const width = Math.max(...MAGIC.map((row) => row.cpan.length))
      terminal.say(
        `case   ${'ott'.padEnd(8)}  ${'amount'.padEnd(9)}  ${'cpan'.padEnd(width)}  ${'otp'.padEnd(6)}  ${'phone'.padEnd(13)}  ${'reference'.padEnd(10)}  message`,
      )
      for (const { case: code, ott, amount, cpan, otp, phone, reference, message } of MAGIC) {
        terminal.say(
          `${code}  ${ott}  ${amount}  ${cpan.padEnd(width)}  ${otp}  ${phone}  ${reference}  ${message}`,
        )
      }
      terminal.say('')
      terminal.say(
        terminal.shade('bold', 'One-time tokens: what the cardholder does, after how many seconds.'),
      )
      for (const { ott, effect, answer } of OTT_BEHAVIOURS) {
        terminal.say(`${ott.padEnd(9)}  ${effect} (${answer})`)
      }
      terminal.say('')
      terminal.say(
        terminal.shade('bold', 'One-time passwords: what the code says with which a card is kept.'),
      )
      for (const { otp, effect, answer } of OTP_BEHAVIOURS) {
        terminal.say(`${otp.padEnd(9)}  ${effect} (${answer})`)
      }
      terminal.say('')
      terminal.say(terminal.shade('bold', 'Codes for keeping a card: what the cardholder types.'))
      for (const { otp, effect, answer } of OTP_BEHAVIOURS) {
        terminal.say(`${otp.padEnd(9)}  ${effect} (${answer})`)
      }
    })
}
