import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const gerbang = fileURLToPath(new URL('../../../bin/gerbang.js', import.meta.url))

export interface Place {
  /** Where commands are run. */
  cwd: string
  home: string
  environment: NodeJS.ProcessEnv
  port: number
  adminPort: number
  simulatorPort: number
  /** What is done when the test ends; the latest first. */
  endings: (() => Promise<unknown>)[]
}

/** A home with a space in its path and closed to others, and two free ports; all is ended and removed at the end. */
export async function aPlace(t: TestContext): Promise<Place> {
  const outer = await mkdtemp(join(tmpdir(), 'gerbang start '))
  await chmod(outer, 0o700)
  const home = join(outer, '.gerbang')
  const [port, adminPort, simulatorPort] = [await freePort(), await freePort(), await freePort()]
  const endings = [
    () => rm(outer, { recursive: true, force: true, maxRetries: 5 }),
    () => stopPostgresOf(home),
  ]
  t.after(async () => {
    for (const end of endings.reverse()) await end()
  })
  const ports = {
    GERBANG_PORT: String(port),
    GERBANG_ADMIN_PORT: String(adminPort),
    SIMULATOR_PORT: String(simulatorPort),
  }
  const environment = {
    PATH: process.env.PATH,
    GERBANG_HOME: home,
    GERBANG_WORKERS: '1',
    NO_COLOR: '1',
    ...ports,
  }
  return { cwd: outer, home, environment, port, adminPort, simulatorPort, endings }
}

export interface Launcher {
  process: ChildProcess
  /** What it has printed so far, both streams. */
  output(): string
  /** Resolves when the text has been printed. Rejects when the process ends without. */
  printed(text: string): Promise<void>
  /** Resolves with the exit code, or the signal's name. */
  ended: Promise<number | string | null>
}

/** Runs a command that does not end by itself as a person would. It is stopped when the test ends, if it still runs. */
export function launchIn(
  { cwd, environment, endings }: Pick<Place, 'cwd' | 'environment' | 'endings'>,
  args: readonly string[] = ['start'],
): Launcher {
  const child = spawn(process.execPath, [gerbang, ...args], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => (signal ?? code) as number | string | null)
  endings.push(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const printed = async (text: string) => {
    while (!output.includes(text)) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`it ended, having said:\n${output}`)
      await sleep(20)
    }
  }
  return { process: child, output: () => output, printed, ended }
}

export interface Running {
  pid: number
  parent: number
  command: string
}

/** All processes that descend from the one given. */
export function descendants(pid: number | undefined): Running[] {
  const all = listProcesses()
  const found: Running[] = []
  for (let parents = [pid]; parents.length > 0; ) {
    const children = all.filter(({ parent }) => parents.includes(parent))
    found.push(...children)
    parents = children.map((child) => child.pid)
  }
  return found
}

function listProcesses(): Running[] {
  const text = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    if (command === undefined || state?.startsWith('Z')) return []
    return [{ pid: Number(pid), parent: Number(parent), command }]
  })
}

/** The one process among them whose command line has the text. */
export function theOne(among: Running[], text: string): number {
  const found = among.filter(({ command }) => command.includes(text))
  const [first] = found.sort((a, b) => a.pid - b.pid)
  if (!first) throw new Error(`no process with ${text}`)
  return first.pid
}

/** Waits until none of the processes runs; returns those that still do after ten seconds. */
export async function survivors(of: Running[]): Promise<Running[]> {
  const pids = new Set(of.map(({ pid }) => pid))
  for (const end = performance.now() + 10_000; ; await sleep(50)) {
    const left = listProcesses().filter(({ pid }) => pids.has(pid))
    if (left.length === 0 || performance.now() > end) return left
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Whatever a test did, no server outlives it. */
async function stopPostgresOf(home: string): Promise<void> {
  const text = await readFile(join(home, 'postgres', 'cluster', 'data', 'postmaster.pid'), 'utf8').catch(
    () => '',
  )
  const pid = Number(text.split('\n')[0])
  if (!pid || !listProcesses().some((one) => one.pid === pid && one.command.includes('postgres'))) return
  process.kill(pid, 'SIGINT')
  await survivors([{ pid, parent: 0, command: '' }])
}
