import type { Command } from 'commander'
import { gatewayEnvironment, simulatorEnvironment } from '../config.ts'
import type { Context } from '../context.ts'
import { usageFailure } from '../failure.ts'

export function addServe(program: Command, { config }: Context): void {
  program
    .command('serve')
    .description('run the gateway (reads .gerbang/gateway.env beneath the environment)')
    .action(async () => {
      const gateway = await import('@gerbang/gateway')
      await gateway.serve(configured(() => gateway.readConfig(gatewayEnvironment(config))))
    })
}

export function addMigrate(program: Command, { config, terminal }: Context): void {
  program
    .command('migrate')
    .description("bring the gateway's database up to date")
    .action(async () => {
      const gateway = await import('@gerbang/gateway')
      await gateway.migrate(configured(() => gateway.readConfig(gatewayEnvironment(config))))
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
      const simulator = await startSimulator(
        configured(() => readSimulatorConfig(simulatorEnvironment(config))),
      )
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

/** The readers list every fault of the configuration in one error; to the shell that is a usage mistake. */
export function configured<Config>(read: () => Config): Config {
  try {
    return read()
  } catch (error) {
    throw usageFailure(
      error instanceof Error ? error.message : String(error),
      'gerbang start (sets everything up)',
    )
  }
}
