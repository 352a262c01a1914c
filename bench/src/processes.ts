import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const STOP_MS = 10_000

export interface PartOptions {
  readonly name: string
  readonly args?: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly execArgv?: readonly string[]
  /** Its output goes to a file here: a log line a payment is part of the work. */
  readonly directory: string
}

export interface Part {
  readonly pid: number
  readonly child: ChildProcess
  /** What it said when it was ready. */
  readonly ready: { readonly url?: string }
  stop(): Promise<void>
}

/** Starts `<name>-main.js` as a process of its own and waits until it says that it is ready. */
export async function startPart(options: PartOptions): Promise<Part> {
  const logFile = join(options.directory, `${options.name}.log`)
  const output = openSync(logFile, 'a', 0o600)
  const child = fork(
    fileURLToPath(new URL(`${options.name}-main.js`, import.meta.url)),
    [...(options.args ?? [])],
    {
      env: options.env,
      execArgv: [...(options.execArgv ?? [])],
      stdio: ['ignore', output, output, 'ipc'],
      serialization: 'advanced',
    },
  )
  closeSync(output)
  const stop = () => stopChild(child)
  try {
    const ready = await firstMessage<Part['ready']>(child)
    return { pid: child.pid ?? 0, child, ready, stop }
  } catch (error) {
    await stop()
    throw new Error(`${options.name} did not start: ${readFileSync(logFile, 'utf8').slice(-2000)}`, {
      cause: error,
    })
  }
}

/** The next message; rejects when the process ends instead. */
export function firstMessage<Message>(child: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => {
      child.off('message', onMessage)
      reject(new Error(`it ended with code ${code}`))
    }
    const onMessage = (message: unknown) => {
      child.off('exit', onExit)
      resolve(message as Message)
    }
    child.once('exit', onExit)
    child.once('message', onMessage)
  })
}

function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
