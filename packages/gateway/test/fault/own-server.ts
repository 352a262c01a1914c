import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Database, startDatabase } from '@gerbang/embedded'
import { childrenOf } from './spawned.ts'

/** A PostgreSQL that a test may kill and freeze, with nobody else's data on it. */
export interface OwnServer {
  readonly url: string
  /** SIGKILL for the postmaster; its children notice and leave. */
  kill(): Promise<void>
  /** The same server again, on the same port. */
  start(): Promise<void>
  /** SIGSTOP for the postmaster and every backend: connections stay open and nobody answers. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

export async function openServer(): Promise<OwnServer> {
  const directory = await mkdtemp(join(tmpdir(), 'gerbang-own-'))
  const settings = { max_connections: '40', shared_buffers: '32MB' }
  let database: Database = await startDatabase({ directory, settings })
  const { port } = database
  let frozen: readonly number[] = []

  return {
    url: database.url,
    async kill() {
      const children = childrenOf(database.pid)
      process.kill(database.pid, 'SIGKILL')
      while (children.some(isAlive)) await wait(10)
    },
    async start() {
      database = await startDatabase({ directory, port, settings })
    },
    freeze() {
      process.kill(database.pid, 'SIGSTOP')
      frozen = [database.pid, ...childrenOf(database.pid)]
      for (const pid of frozen) signal(pid, 'SIGSTOP')
    },
    thaw() {
      for (const pid of frozen) signal(pid, 'SIGCONT')
    },
    async close() {
      await database.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {}
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
