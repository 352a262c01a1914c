import type { After } from './answering.ts'

export interface ClockSetting {
  readonly offsetMs: number
  /** Epoch milliseconds; undefined while time passes. */
  readonly frozenAt: number | undefined
}

/** The time of the network and its issuers, which a tester may shift and stop. */
export interface SimulatedClock {
  /** Epoch milliseconds. */
  now(): number
  /** Calls `action` when `delayMs` have passed on this clock, however they pass. */
  readonly after: After
  readonly setting: ClockSetting
  /** Moves the clock, and calls at once what is due by then. */
  set(setting: ClockSetting): void
}

interface Timer {
  readonly dueAt: number
  readonly action: () => void
  stop: () => void
}

/** `base` is the time of the machine, and `after` waits by it. */
export function openClock(base: () => number, after: After): SimulatedClock {
  const timers = new Set<Timer>()
  let setting: ClockSetting = { offsetMs: 0, frozenAt: undefined }
  const now = () => setting.frozenAt ?? base() + setting.offsetMs

  function start(timer: Timer) {
    if (setting.frozenAt !== undefined) return
    timer.stop = after(Math.max(0, timer.dueAt - now()), () => {
      timers.delete(timer)
      timer.action()
    })
  }

  return {
    now,
    after(delayMs, action) {
      const timer: Timer = { dueAt: now() + delayMs, action, stop() {} }
      timers.add(timer)
      start(timer)
      return () => {
        timers.delete(timer)
        timer.stop()
      }
    },
    get setting() {
      return setting
    },
    set(next) {
      setting = next
      const inOrder = [...timers].sort((one, other) => one.dueAt - other.dueAt)
      for (const timer of inOrder) timer.stop()
      for (const timer of inOrder) {
        if (timer.dueAt > now()) start(timer)
        else if (timers.delete(timer)) timer.action()
      }
    },
  }
}
