import { setTimeout as sleep } from 'node:timers/promises'
import { type ClockSetting, instantOf, readClockFile } from '@gerbang/gateway/clock'
import { parseTimestamp } from '@gerbang/snap/timestamp'
import { type CliConfig, gatewayEnvironment } from '../config.ts'
import { findCredentials } from '../credentials.ts'
import { CommandFailure, EXIT } from '../failure.ts'
import { reasonOf } from '../reason.ts'
import { replaceFile } from '../start/files.ts'
import { controlOf, type SimulatorControl } from './simulator-control.ts'

/** The clock of a demo: one file for the gateway, and the simulator's own, set alike. */
export interface DemoClock {
  /** What it is set to. */
  read(): ClockSetting
  /** Epoch milliseconds. */
  now(): number
  /** Sets both; returns one line for each of the two that could not be told and takes it at its next start. */
  set(setting: ClockSetting): Promise<readonly string[]>
}

const SHOWN_WITHIN_MS = 10_000
const ASK_EVERY_MS = 25
/** Several processes share the gateway's port, and each reads the file for itself. */
const TIMES_SHOWN = 4
/** X-TIMESTAMP has no fraction, and the answer takes a moment. */
const NEAR_MS = 2_000

/** @throws CommandFailure when the folder is not that of a demo. */
export function openDemoClock(config: CliConfig): DemoClock {
  const { GERBANG_MODE, GERBANG_CLOCK_FILE: file } = gatewayEnvironment(config)
  if (GERBANG_MODE !== 'demo' || !file) {
    throw new CommandFailure(
      EXIT.refused,
      `The gateway of ${config.home} is not a demo: nobody sets the clock of a live one.`,
      { next: 'npx gerbang start (makes a demo of this folder), or set GERBANG_HOME to that of one' },
    )
  }
  const control = controlOf(config)
  const gatewayUrl = findCredentials(config).baseUrl ?? `http://${config.host}:${config.port}`
  const read = () => readClockFile(file)
  return {
    read,
    now: () => instantOf(read(), Date.now()),
    async set(setting) {
      // The network first: when something falls due at the gateway, the network has to agree that it is late.
      const network = await tellSimulator(control, setting)
      await replaceFile(file, `${JSON.stringify(setting)}\n`, 0o600)
      const gateway = await waitForGateway(gatewayUrl, setting)
      return [network, gateway].filter((line) => line !== undefined)
    },
  }
}

/** Sets the simulator's clock; returns why it could not be done. @throws CommandFailure when it refuses */
export async function tellSimulator(
  control: SimulatorControl,
  { offsetMs, frozenAt }: ClockSetting,
): Promise<string | undefined> {
  const answer = await control
    .ask('PUT', '/_sim/clock', { offsetMs, frozenAt })
    .catch((error: Error) => error)
  if (answer instanceof Error) {
    return `The simulator at ${control.url} was not told (${reasonOf(answer)}); it takes the time when it starts.`
  }
  if (answer === undefined) return `What listens at ${control.url} has no clock to set.`
  if (answer.status === 200) return undefined
  throw new CommandFailure(
    EXIT.refused,
    `The simulator at ${control.url} refuses: ${String(answer.body.error)}.`,
  )
}

/** Waits until the gateway shows the time that was set. @throws CommandFailure when it keeps showing another one. */
async function waitForGateway(url: string, setting: ClockSetting): Promise<string | undefined> {
  const until = Date.now() + SHOWN_WITHIN_MS
  let shown: number | undefined
  for (let times = 0; times < TIMES_SHOWN; ) {
    try {
      shown = await timeShownBy(url)
    } catch (error) {
      return `The gateway at ${url} does not run (${reasonOf(error as Error)}); it takes the time when it starts.`
    }
    const isNear = shown !== undefined && Math.abs(shown - instantOf(setting, Date.now())) <= NEAR_MS
    times = isNear ? times + 1 : 0
    if (Date.now() > until) throw notShown(url, shown)
    if (!isNear) await sleep(ASK_EVERY_MS)
  }
  return undefined
}

/** A request that is refused for its missing signature carries the gateway's time, too. */
async function timeShownBy(url: string): Promise<number | undefined> {
  const path = `${url.replace(/\/+$/, '')}/authorization/v1/access-token/b2b`
  const response = await fetch(path, {
    method: 'POST',
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(SHOWN_WITHIN_MS),
  })
  await response.arrayBuffer()
  return parseTimestamp(response.headers.get('x-timestamp') ?? '')
}

function notShown(url: string, shown: number | undefined): CommandFailure {
  const what = shown === undefined ? 'no time' : new Date(shown).toISOString()
  return new CommandFailure(
    EXIT.failedCheck,
    `The clock file was written, but the gateway at ${url} shows ${what}: it does not read the file.`,
    { next: 'stop it and run npx gerbang start: a gateway that was started before is no demo yet' },
  )
}
