import type { CliConfig } from '../config.ts'
import { CommandFailure, EXIT, usageFailure } from '../failure.ts'
import { openTerminal } from '../terminal.ts'
import { boot } from './boot.ts'
import { takeLauncherLock } from './launcher-lock.ts'
import { type Parts, REAL_PARTS } from './parts.ts'
import { listenForStop, type StopSignals } from './stop-signals.ts'
import { sayFarewell, sayStart, sayWelcome } from './welcome.ts'

/** What of the command line's configuration a start needs. */
export type StartConfig = Pick<
  CliConfig,
  | 'home'
  | 'cwd'
  | 'host'
  | 'port'
  | 'adminPort'
  | 'simulatorHost'
  | 'simulatorPort'
  | 'listenPort'
  | 'colour'
  | 'environment'
  | 'databaseUrl'
>

export interface StartOptions {
  config: StartConfig
  parts?: Parts
}

/** Ends one thing that was begun. */
export type Ending = (hurry: AbortSignal) => Promise<void>

/**
 * The whole of `gerbang start`: database, simulator and gateway, each started again when it ends, a demo
 * partner, and one payment to prove it. Resolves when a signal has stopped everything in order.
 * @throws CommandFailure when something cannot start, or runs already; by then all is stopped again.
 */
export async function start({ config, parts = REAL_PARTS }: StartOptions): Promise<void> {
  if (config.environment.GERBANG_MODE === 'live') {
    throw usageFailure('`start` runs a demo, and GERBANG_MODE=live asks for none.', 'npx gerbang serve')
  }
  const beganMs = performance.now()
  const terminal = openTerminal(config.colour)
  process.stdout.on('error', ignoreClosedTerminal)
  const signals = listenForStop()
  const endings: Ending[] = []
  sayStart(terminal, config)
  try {
    endings.push(await takeLauncherLock(config.home))
    const booting = boot({ config, parts, tell: terminal.say, endings, wanted: signals.wanted })
    const booted = await Promise.race([booting, stopWanted(signals)])
    if (booted) {
      sayWelcome(terminal, config, booted, performance.now() - beganMs)
      await stopWanted(signals)
    }
    terminal.say('Stopping.')
    await endAll(endings, signals)
    sayFarewell(terminal, config)
  } catch (error) {
    await endAll(endings, signals)
    if (!signals.wanted.aborted) throw asFailure(error)
  } finally {
    signals.forget()
    process.stdout.off('error', ignoreClosedTerminal)
  }
}

/** The latest first, so that nothing loses what it stands on. */
async function endAll(endings: Ending[], { hurry }: StopSignals): Promise<void> {
  for (let end = endings.pop(); end; end = endings.pop()) await end(hurry)
}

function stopWanted({ wanted }: StopSignals): Promise<undefined> {
  return new Promise((resolve) => {
    if (wanted.aborted) resolve(undefined)
    else wanted.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

function asFailure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error
  return new CommandFailure(EXIT.failedCheck, error instanceof Error ? error.message : String(error))
}

/** A closed terminal, or a pipe whose reader left, is no reason to leave processes behind. */
function ignoreClosedTerminal(): void {}
