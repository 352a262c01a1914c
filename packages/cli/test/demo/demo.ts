import type { TestContext } from 'node:test'
import { closedPort, type Run, runGerbang } from '../run-gerbang.ts'
import { aPlace, type Launcher, launchIn, type Place } from '../start/launcher.ts'

/** A whole demo: database, simulator, gateway, partner, as `gerbang start` makes it. */
export interface Demo {
  readonly place: Place
  /** Runs a command to its end. */
  run(...args: string[]): Promise<Run>
  /** The same, for what `--json` prints. */
  ask<Answer>(...args: string[]): Promise<Answer>
  /** Runs a listener, and resolves when it listens. */
  listen(...args: string[]): Promise<Launcher>
  /** Stops `start` and starts it again. */
  restart(more?: Readonly<Record<string, string>>): Promise<void>
  /** The listener's port. */
  readonly listenPort: number
}

export async function aDemo(t: TestContext): Promise<Demo> {
  const place = await aPlace(t)
  const listenPort = await closedPort()
  place.environment.GERBANG_LISTEN_PORT = String(listenPort)
  let launcher = launchIn(place)
  await launcher.printed('Ctrl-C stops')
  const run = (...args: string[]) =>
    runGerbang(args, { cwd: place.cwd, env: place.environment as Record<string, string> })
  return {
    place,
    listenPort,
    run,
    async ask<Answer>(...args: string[]) {
      const { code, out, err } = await run(...args, '--json')
      if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${err}${out}`)
      return JSON.parse(out) as Answer
    },
    async listen(...args) {
      const listener = launchIn(place, ['listen', ...args])
      await listener.printed('Listening at')
      return listener
    },
    async restart(more = {}) {
      launcher.process.kill('SIGTERM')
      await launcher.ended
      Object.assign(place.environment, more)
      launcher = launchIn(place)
      await launcher.printed('Ctrl-C stops')
    },
  }
}

export async function stopped(listener: Launcher): Promise<void> {
  listener.process.kill('SIGINT')
  await listener.ended
}
