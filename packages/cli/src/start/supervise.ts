import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ChildOptions, hasEnded, startChild, stopChild } from './child-process.ts'

/** After this long without an end a process counts as healthy again, and the pauses begin anew. */
const HEALTHY_AFTER_MS = 10_000
const SHORTEST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/** Something that is kept running. */
export interface Supervised<Started> {
  /** Of the first start: settles once, and rejects when that start fails. Later ends only cause restarts. */
  started: Promise<Started>
  /** No restart after this; resolves when it is gone. */
  stop(hurry: AbortSignal): Promise<void>
}

/** Keeps a child process running: when it ends it is started again, at growing intervals. */
export function superviseChild(options: ChildOptions, tell: (line: string) => void): Supervised<string> {
  const stopping = new AbortController()
  const pause = growingPause()
  let child: ChildProcess

  const begin = (): Promise<string> => {
    const begun = startChild(options)
    child = begun.child
    return begun.ready
  }
  const watch = () => {
    const ended = (reason: string | number | null) => {
      if (stopping.signal.aborted) return
      tell(`The ${options.name} ended (${reason}); starting it again.`)
      void restart()
    }
    if (child.pid === undefined) ended('could not be started')
    else if (hasEnded(child)) ended(child.signalCode ?? child.exitCode)
    else child.once('exit', (code, signal) => ended(signal ?? code))
  }
  const restart = async (): Promise<void> => {
    if (!(await pause(stopping.signal)) || stopping.signal.aborted) return
    const ready = begin()
    watch()
    await ready.then(
      () => tell(`The ${options.name} is back.`),
      () => void child.kill('SIGKILL'),
    )
  }
  const started = begin()
  started.then(watch, () => {})
  return {
    started,
    stop: (hurry) => {
      stopping.abort()
      return stopChild(child, hurry)
    },
  }
}

/** Waits a little longer each time, unless the last time is long past; false when it was called off. */
export function growingPause(): (signal: AbortSignal) => Promise<boolean> {
  let pauseMs = SHORTEST_PAUSE_MS
  let last = 0
  return async (signal) => {
    const now = performance.now()
    pauseMs = now - last > HEALTHY_AFTER_MS ? SHORTEST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    last = now + pauseMs
    return sleep(pauseMs, true, { signal }).catch(() => false)
  }
}
