import { readClockFile } from '@gerbang/gateway/clock'
import type { Command } from 'commander'
import { simulatorEnvironment } from '../config.ts'
import type { Context } from '../context.ts'
import { tellSimulator } from '../demo/demo-clock.ts'
import { openSimulatorControl } from '../demo/simulator-control.ts'
import { CommandFailure, EXIT, usageFailure } from '../failure.ts'
import { onDatabase } from './on-database.ts'

export function addServe(program: Command, { config }: Context): void {
  program
    .command('serve')
    .description('run the gateway (reads .gerbang/gateway.env beneath the environment)')
    .action(() =>
      onDatabase(config, (gateway, gatewayConfig) =>
        gateway
          .serve(gatewayConfig)
          .catch(namePort({ port: gatewayConfig.port, setting: 'GERBANG_PORT', command: 'serve' })),
      ),
    )
}

export function addMigrate(program: Command, { config, terminal }: Context): void {
  program
    .command('migrate')
    .description("bring the gateway's database up to date")
    .action(async () => {
      await onDatabase(config, (gateway, gatewayConfig) => gateway.migrate(gatewayConfig))
      terminal.say('The database is up to date.')
    })
}

export function addSimulate(program: Command, { config, terminal }: Context): void {
  program
    .command('simulate')
    .description('run the KKI network and its issuers as a simulator')
    .action(async () => {
      const { readSimulatorConfig, startSimulator } = await import('@gerbang/simulator')
      const stopped = untilStopped()
      const environment = simulatorEnvironment(config)
      const options = asUsage(() => readSimulatorConfig(environment))
      const simulator = await startSimulator(options).catch(
        namePort({ port: options.port ?? 0, setting: 'SIMULATOR_PORT', command: 'simulate' }),
      )
      const clockFile = environment.GERBANG_CLOCK_FILE
      if (clockFile) {
        const control = openSimulatorControl(simulator.url, options.networkKey)
        const untold = await tellSimulator(control, readClockFile(clockFile))
        if (untold !== undefined) terminal.complain(untold)
      }
      if (process.send) process.send({ ready: true, url: simulator.url })
      else terminal.say(`Simulator ${simulator.url} (Ctrl-C to stop)`)
      await stopped
      await simulator.close()
      // An open channel to the parent would keep this process alive.
      if (process.connected) process.disconnect()
    })
}

/** Resolves when a person or the parent process wants an end. The listeners are there before anything is started. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
    if (process.send) process.once('disconnect', () => resolve())
  })
}

/** A faulty environment is a mistake in how the command was called. */
function asUsage<Config>(read: () => Config): Config {
  try {
    return read()
  } catch (error) {
    throw usageFailure(error instanceof Error ? error.message : String(error))
  }
}

/** Rethrows; a port that somebody else has is told in words, with the command that takes another. */
function namePort(wanted: { port: number; setting: string; command: string }) {
  return (error: unknown): never => {
    // The gateway's leading process hears of it from its workers, as text.
    if (!(error instanceof Error && error.message.includes('EADDRINUSE'))) throw error
    const { port, setting, command } = wanted
    throw new CommandFailure(
      EXIT.failedCheck,
      `Port ${port} is in use: perhaps \`gerbang start\` runs already.`,
      {
        next: `${setting}=${port + 1_000} npx gerbang ${command}`,
      },
    )
  }
}
