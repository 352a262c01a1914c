import { CommanderError } from 'commander'
import { readCliConfig } from './config.ts'
import type { Context } from './context.ts'
import { CommandFailure, EXIT, usageFailure } from './failure.ts'
import { openProgram } from './program.ts'
import { complainRows, openTerminal, sayJson } from './terminal.ts'

/** Runs one command line. The exit code is set, not forced: what is still being written gets out. */
async function main(args: readonly string[]): Promise<void> {
  try {
    await openProgram(openContext()).parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = report(error, args.includes('--json'))
  }
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
