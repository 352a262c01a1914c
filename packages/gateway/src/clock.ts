import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** Time as an argument: a test, or a seeded scheduler, puts its own in place. */
export interface Clock {
  /** Milliseconds since 1970 by the wall clock. Everything that expires, falls due or is written down goes by it. */
  now(): number
  /** Resolves after `ms`, or early and quietly when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** How many milliseconds the clock has been set ahead of the machine's; absent where nobody can. */
  shiftMs?(): number
}

/** The machine's time, which everybody outside goes by: what is signed for them must not be from a day that has not come. */
export function machineTime(clock: Clock): number {
  return clock.now() - (clock.shiftMs?.() ?? 0)
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => wait(ms, undefined, signal ? { signal } : {}).catch(() => {}),
}

/** What stands in a clock file: how far ahead of the machine's clock, or at which instant it stands still. */
export interface ClockSetting {
  readonly offsetMs: number
  /** ISO 8601, or null while the clock runs. */
  readonly frozenAt: string | null
}

export interface DemoClock extends Clock {
  close(): void
}

const WATCH_MS = 50

/**
 * The clock of demo mode, which `gerbang clock` sets by writing a file that every process watches. Pauses of loops take real
 * time: what moves with the clock is what falls due.
 */
export function openDemoClock(file: string): DemoClock {
  let setting = readClockFile(file)
  const reread = () => {
    setting = readClockFile(file)
  }
  watchFile(file, { interval: WATCH_MS, persistent: false }, reread)
  const now = () => instantOf(setting, Date.now())
  return {
    now,
    sleep: systemClock.sleep,
    shiftMs: () => now() - Date.now(),
    close: () => unwatchFile(file, reread),
  }
}

/** The instant that a set clock shows while the machine's shows `machineNow`, both in epoch milliseconds. */
export function instantOf({ offsetMs, frozenAt }: ClockSetting, machineNow: number): number {
  return frozenAt === null ? machineNow + offsetMs : Date.parse(frozenAt)
}

const UNSET: ClockSetting = { offsetMs: 0, frozenAt: null }

/** What is missing or cannot be read leaves the clock as the machine's. */
export function readClockFile(file: string): ClockSetting {
  try {
    const { offsetMs, frozenAt } = JSON.parse(readFileSync(file, 'utf8')) as Partial<ClockSetting>
    const isSound = Number.isSafeInteger(offsetMs) && (frozenAt === null || isInstant(frozenAt))
    return isSound ? { offsetMs: offsetMs ?? 0, frozenAt: frozenAt ?? null } : UNSET
  } catch {
    return UNSET
  }
}

function isInstant(text: unknown): boolean {
  return typeof text === 'string' && !Number.isNaN(Date.parse(text))
}
