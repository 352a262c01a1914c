import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, renameSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Binaries } from './binaries.ts'
import { type Cluster, dataPath } from './cluster.ts'
import { plainEnvironment } from './config.ts'
import { readPostmaster } from './postmaster.ts'
import type { RunAs } from './run-as.ts'

const LOG_LIMIT_BYTES = 10 * 1024 * 1024

/** Small machine, no compromise on durability. Error texts carry no row contents and no statements. */
const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '256MB',
  max_connections: '100',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  wal_compression: 'on',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
}

export interface LaunchOptions {
  cluster: Cluster
  binaries: Binaries
  runAs: RunAs | undefined
  port: number
  settings: Record<string, string>
  logFile: string
}

/** `lost`: another server holds, or is just leaving, the folder. `port-busy`: somebody else has the port. */
export type LaunchResult =
  | { kind: 'ready'; child: ChildProcess; pid: number }
  | { kind: 'lost' | 'port-busy' | 'failed'; complaint: string }

/** Starts the server in a process group of its own (Ctrl-C must reach us first) and waits until it accepts. */
export async function launch(options: LaunchOptions): Promise<LaunchResult> {
  const { cluster, binaries, runAs, port, logFile } = options
  rotate(logFile)
  const log = openSync(logFile, 'a', 0o600)
  const offset = fstatSync(log).size
  const settings = Object.entries({ ...SETTINGS, ...options.settings }).flatMap(([k, v]) => [
    '-c',
    `${k}=${v}`,
  ])
  const child = spawn(
    binaries.postgres,
    ['-D', dataPath(cluster.data, runAs), '-p', String(port), ...settings],
    {
      ...runAs,
      cwd: cluster.data,
      env: plainEnvironment(),
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log, log],
    },
  )
  closeSync(log)
  const failure = new Promise<Error>((resolve) => child.once('error', resolve))
  const isReady = await Promise.race([waitUntilReady(child, cluster.data), failure])
  if (isReady instanceof Error) return { kind: 'failed', complaint: isReady.message }
  if (isReady && child.pid !== undefined) {
    child.unref()
    return { kind: 'ready', child, pid: child.pid }
  }
  return explain((await readFile(logFile)).subarray(offset).toString())
}

async function waitUntilReady(child: ChildProcess, data: string): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    const found = await readPostmaster(data)
    if (found?.pid === child.pid && found?.status === 'ready') return true
    await sleep(3)
  }
  return false
}

function explain(written: string): LaunchResult {
  const complaint = written
    .split('\n')
    .filter((line) => /FATAL|PANIC|ERROR|WARNING|HINT/.test(line))
    .join('\n')
  if (/postmaster\.pid|shared memory block/.test(complaint)) return { kind: 'lost', complaint }
  if (/could not (?:bind|create any TCP)|Address already in use/.test(written))
    return { kind: 'port-busy', complaint }
  return { kind: 'failed', complaint: complaint || written.trim() }
}

function rotate(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0
  if (size > LOG_LIMIT_BYTES) renameSync(logFile, `${logFile}.1`)
}

/** The server's own words, for whoever has to find out what went wrong. */
export function serverLog(directory: string): string {
  return join(directory, 'server.log')
}
