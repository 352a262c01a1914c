import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { findBinaries, locatePackage } from './binaries.ts'
import { dataFolder, openCluster, USER } from './cluster.ts'
import { hasCode, replaceFile } from './files.ts'
import { type LaunchOptions, launch, serverLog } from './launch.ts'
import { chooseFreePort } from './ports.ts'
import { disownStaleLock, livePostmaster, type Postmaster } from './postmaster.ts'
import { isAlive, isPostgres } from './processes.ts'
import { chooseRunAs } from './run-as.ts'

const PATIENCE_MS = 60_000
const WATCH_INTERVAL_MS = 200

export interface DatabaseOptions {
  /** Holds the cluster, its password, its port and its log. Created, mode 0700, when missing. */
  directory: string
  /** Insist on this port; otherwise the one of last time when it is free, else any free one. */
  port?: number | undefined
  /** PostgreSQL settings over our own; an adopted server keeps those it was started with. */
  settings?: Record<string, string>
  log?: (line: string) => void
  /** Called once when the server ends although nobody called `stop`. */
  onExit?: () => void
}

export interface Database {
  /** Of the user that owns everything, into the database `postgres`. Contains the password. */
  url: string
  port: number
  pid: number
  /** True when the server already ran: left behind by a killed process, or started by another. */
  adopted: boolean
  /** Fast shutdown; resolves when the server is gone. May be called twice. */
  stop(): Promise<void>
}

/**
 * Starts a PostgreSQL on a directory of its own, or adopts the one that already runs on it.
 * Throws when the port insisted on is taken, when there are no programs for this machine, or when the
 * server refuses to start (the message quotes it).
 */
export async function startDatabase(options: DatabaseOptions): Promise<Database> {
  const directory = resolve(options.directory)
  const log = options.log ?? (() => {})
  const runAs = await chooseRunAs(dataFolder(directory))
  const running = await adopt(directory)
  if (running) return control(running, true, options.onExit)

  const binaries = await findBinaries({ root: locatePackage(), copies: tmpdir(), runAs, log })
  const cluster = await openCluster(directory, binaries, runAs)
  const logFile = serverLog(directory)
  const portFile = join(directory, 'port')
  const fixed = { cluster, binaries, runAs, settings: options.settings ?? {}, logFile }
  const started = await startOrAdopt(
    directory,
    fixed,
    options.port ?? (await rememberedPort(portFile)),
    options.port,
  )
  await replaceFile(portFile, `${started.server.port}\n`)
  return control(started.server, started.adopted, options.onExit)
}

interface Running extends Postmaster {
  password: string
}

async function startOrAdopt(
  directory: string,
  fixed: Omit<LaunchOptions, 'port'>,
  preferred: number | undefined,
  insisted: number | undefined,
): Promise<{ server: Running; adopted: boolean }> {
  const deadline = Date.now() + PATIENCE_MS
  let complaint = ''
  while (Date.now() < deadline) {
    const server = await adopt(directory)
    if (server) return { server, adopted: true }
    const port = insisted ?? (await chooseFreePort(preferred))
    const result = await launch({ ...fixed, port })
    if (result.kind === 'ready') {
      return {
        server: { pid: result.pid, port, status: 'ready', password: fixed.cluster.password },
        adopted: false,
      }
    }
    complaint = result.complaint
    if (result.kind === 'failed') break
    if (result.kind === 'port-busy' && insisted !== undefined) {
      throw new Error(`port ${insisted} is in use by another program`)
    }
    if (result.kind === 'lost') await disownStaleLock(fixed.cluster.data)
    await sleep(50)
  }
  throw new Error(`PostgreSQL did not start (see ${fixed.logFile}): ${complaint}`)
}

/** The server that runs on the directory, once it accepts; undefined when there is none. */
async function adopt(directory: string): Promise<Running | undefined> {
  const data = dataFolder(directory)
  const deadline = Date.now() + PATIENCE_MS
  while (Date.now() < deadline) {
    const found = await livePostmaster(data)
    if (!found) return undefined
    if (found.status === 'ready') {
      const password = await readPassword(directory)
      if (await accepts(urlOf({ ...found, password }))) return { ...found, password }
    }
    await sleep(20)
  }
  throw new Error(
    `a PostgreSQL runs on ${data} but does not accept connections (see ${serverLog(directory)})`,
  )
}

/** Logging in proves more than an open port: both sides show that they know the password. */
async function accepts(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

function control(server: Running, adopted: boolean, onExit: (() => void) | undefined): Database {
  let stopping: Promise<void> | undefined
  const watch = setInterval(() => {
    if (isAlive(server.pid)) return
    clearInterval(watch)
    if (!stopping) onExit?.()
  }, WATCH_INTERVAL_MS)
  watch.unref()
  const stop = () => {
    clearInterval(watch)
    stopping ??= shutDown(server.pid)
    return stopping
  }
  return { url: urlOf(server), port: server.port, pid: server.pid, adopted, stop }
}

async function shutDown(pid: number): Promise<void> {
  const start = Date.now()
  for (const [signal, patienceMs] of [
    ['SIGINT', PATIENCE_MS],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 10_000],
  ] as const) {
    if (!isPostgres(pid)) return
    tell(pid, signal)
    const until = Date.now() + patienceMs
    while (Date.now() < until) {
      if (!isAlive(pid)) return
      await sleep(5)
    }
  }
  throw new Error(`PostgreSQL ${pid} did not stop within ${Date.now() - start} ms`)
}

/** Where there are no signals (Windows) this ends the server at once; its next start recovers from the log. */
function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error
  }
}

async function readPassword(directory: string): Promise<string> {
  return (await readFile(join(directory, 'cluster', 'password'), 'utf8')).trim()
}

async function rememberedPort(file: string): Promise<number | undefined> {
  const port = Number(await readFile(file, 'utf8').catch(() => ''))
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined
}

function urlOf({ port, password }: { port: number; password: string }): string {
  return `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`
}
