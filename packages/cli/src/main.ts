import { Command, CommanderError } from 'commander'
import { addMagic } from './commands/magic.ts'
import { addPartner } from './commands/partner.ts'
import { addPay } from './commands/pay.ts'
import { addMigrate, addServe, addSimulate } from './commands/run.ts'
import { addSign } from './commands/sign.ts'
import { addStart } from './commands/start.ts'
import { addStatus } from './commands/status.ts'
import { addVerify } from './commands/verify.ts'
import { readCliConfig } from './config.ts'
import type { Context } from './context.ts'
import { CommandFailure, EXIT, usageFailure } from './failure.ts'
import { complainRows, openTerminal, sayJson } from './terminal.ts'

const COMMANDS = [
  addStart,
  addServe,
  addSimulate,
  addMigrate,
  addPay,
  addStatus,
  addSign,
  addVerify,
  addPartner,
  addMagic,
]

/** Runs one command line. The exit code is set, not forced: what is still being written gets out. */
async function main(args: readonly string[]): Promise<void> {
  try {
    const context = openContext()
    const program = new Command('gerbang')
      .description('A self-hosted payment gateway for Kartu Kredit Indonesia, over SNAP')
      .version('0.1.0')
      .exitOverride()
    for (const add of COMMANDS) add(program, context)
    leadToHelp(program, 'npx gerbang')
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = report(error, args.includes('--json'))
  }
}

/** Who calls a command wrongly is told how to see its own options. */
function leadToHelp(command: Command, line: string): void {
  command.showHelpAfterError(`Next: ${line} --help`)
  for (const inner of command.commands) leadToHelp(inner, `${line} ${inner.name()}`)
}

function openContext(): Context {
  try {
    const config = readCliConfig()
    return { config, terminal: openTerminal(config.colour) }
  } catch (error) {
    throw usageFailure(error instanceof Error ? error.message : String(error))
  }
}

function report(error: unknown, isJson: boolean): number {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const terminal = openTerminal(false)
  const message = error instanceof Error ? error.message : String(error)
  const { exitCode, next, numbers, facts } =
    error instanceof CommandFailure ? error : new CommandFailure(EXIT.failedCheck, message)
  if (isJson) sayJson(terminal, { error: { message, ...facts, ...numbers, next } })
  else {
    terminal.complain(message)
    complainRows(terminal, Object.entries(numbers))
    if (next !== undefined) terminal.complain(`Next: ${next}`)
  }
  return exitCode
}

await main(process.argv.slice(2))
