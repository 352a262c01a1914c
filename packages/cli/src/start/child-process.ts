import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Environment } from '../config.ts'

const LOG_LIMIT_BYTES = 20 * 1024 * 1024
const READY_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 15_000

export interface ChildOptions {
  name: string
  /** Arguments to `node`. */
  args: readonly string[]
  environment: Environment
  logFile: string
}

/** A process of ours. */
export interface Started {
  child: ChildProcess
  /** The address it reports. Rejects when it ends first, or says nothing for 30 s. */
  ready: Promise<string>
}

/**
 * Starts a Node process with a channel to us, over which it says that it is ready and on whose end it leaves.
 * It has a process group of its own, so that Ctrl-C reaches us alone and things stop in order.
 */
export function startChild(options: ChildOptions): Started {
  const log = openLog(options.logFile)
  // Earlier processes wrote to the same file: what they said explains nothing about this one.
  const logStart = fstatSync(log).size
  const child = spawn(process.execPath, options.args, {
    env: options.environment,
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
    windowsHide: true,
  })
  closeSync(log)
  // Failures to start are seen by whoever waits for readiness; an unheard 'error' would end us.
  child.on('error', () => {})
  return { child, ready: untilReady(child, { ...options, logStart }) }
}

function untilReady(
  child: ChildProcess,
  { name, logFile, logStart }: ChildOptions & { logStart: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (what: string) => {
      clearTimeout(timer)
      reject(new Error(`The ${name} ${what}. ${lastWords(logFile, logStart)}`))
    }
    const timer = setTimeout(() => fail('did not become ready'), READY_WITHIN_MS)
    child.once('error', (error) => fail(`could not be started: ${error.message}`))
    child.once('exit', (code, signal) => fail(`ended (${signal ?? code}) before it was ready`))
    child.on('message', (message) => {
      if (!isReady(message)) return
      clearTimeout(timer)
      resolve(message.url)
    })
  })
}

/** Asks the child to stop and resolves when it is gone; one that does not listen is killed. */
export async function stopChild(child: ChildProcess, hurry: AbortSignal): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const kill = () => void child.kill('SIGKILL')
  const timer = setTimeout(kill, STOP_WITHIN_MS)
  if (hurry.aborted) kill()
  else child.kill('SIGTERM')
  // An open channel keeps a process that listens on it alive, however willing it is to end.
  if (child.connected) child.disconnect()
  hurry.addEventListener('abort', kill, { once: true })
  await gone
  clearTimeout(timer)
  hurry.removeEventListener('abort', kill)
}

/** Whether the process is known to have ended. */
export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

function isReady(message: unknown): message is { ready: true; url: string } {
  if (typeof message !== 'object' || message === null) return false
  return 'ready' in message && message.ready === true && 'url' in message && typeof message.url === 'string'
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`)
  return openSync(file, 'a', 0o600)
}

function lastWords(file: string, from: number): string {
  const written = readFileSync(file).subarray(from).toString().trimEnd()
  if (written === '') return `It wrote nothing to ${file}.`
  const lines = written.split('\n').slice(-5)
  return [`Its last words (${file}):`, ...lines.map((line) => `  ${line}`)].join('\n')
}
