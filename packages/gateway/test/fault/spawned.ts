import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const ENTRY = fileURLToPath(new URL('gateway-process.js', import.meta.url))
const START_LIMIT_MS = 60_000

/** The gateway in processes of its own: one that leads and its workers. */
export interface Spawned {
  readonly url: string
  /** Of the leader. */
  readonly pid: number
  readonly printed: string[]
  workerPids(): readonly number[]
  /** SIGKILL for one worker. */
  killWorker(pick: number): void
  /** SIGKILL for the leader and every worker, so that nobody can say goodbye. */
  killAll(): Promise<void>
  /** Asks it to stop and waits. */
  stop(): Promise<void>
}

export async function spawnGateway(env: Readonly<Record<string, string>>): Promise<Spawned> {
  const child = fork(ENTRY, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const printed: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => void printed.push(text))
  const url = await whenReady(child, printed)
  const gone = once(child, 'exit')
  const workerPids = () => childrenOf(child.pid ?? 0)

  return {
    url,
    pid: child.pid ?? 0,
    printed,
    workerPids,
    killWorker(pick) {
      const pids = workerPids()
      const pid = pids[pick % Math.max(1, pids.length)]
      if (pid !== undefined) kill(pid)
    },
    async killAll() {
      const pids = workerPids()
      child.kill('SIGKILL')
      for (const pid of pids) kill(pid)
      await gone
    },
    async stop() {
      child.kill('SIGTERM')
      await gone
    },
  }
}

function whenReady(child: ChildProcess, printed: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(limit)
      reject(new Error(`The gateway ${why}: ${printed.join('')}`))
    }
    const limit = setTimeout(() => fail('does not start'), START_LIMIT_MS)
    child.once('exit', () => fail('ended'))
    child.on('message', (message: { ready?: boolean; url?: string }) => {
      if (message.ready !== true || message.url === undefined) return
      clearTimeout(limit)
      resolve(message.url)
    })
  })
}

/** The children of a process, by `ps`, which Linux and macOS share. */
export function childrenOf(pid: number): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n')
  return lines
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child ?? 0)
}

/** One that is gone already is what was wanted. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
