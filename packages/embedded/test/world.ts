import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { Database } from '../src/start-database.ts'

export const isRoot = process.getuid?.() === 0

export interface Started {
  url: string
  pid: number
  port: number
  adopted: boolean
}

/** A fresh folder, with a space in its path and closed to everyone else, removed after the test. */
export async function aFolder(t: TestContext): Promise<string> {
  const outer = await mkdtemp(join(tmpdir(), 'gerbang test '))
  await chmod(outer, 0o700)
  const folder = join(outer, 'data base')
  await mkdir(folder)
  finallyIn(t, () => rm(outer, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

const deeds = new WeakMap<TestContext, (() => unknown)[]>()

/** Runs the deed when the test ends; what was begun last is undone first, unlike with `t.after`. */
export function finallyIn(t: TestContext, deed: () => unknown): void {
  const known = deeds.get(t)
  if (known) return void known.push(deed)
  const list = [deed]
  deeds.set(t, list)
  t.after(async () => {
    for (const next of list.reverse()) await next()
  })
}

/** Stops the database when the test ends. */
export function stopAfter(t: TestContext, database: Database): Database {
  finallyIn(t, () => database.stop())
  return database
}

/** Starts the database in another Node process. */
export async function startElsewhere(
  directory: string,
  options: { uid?: number; gid?: number } = {},
): Promise<{ node: ChildProcess; database: Started }> {
  const script = fileURLToPath(new URL('./starter.js', import.meta.url))
  const node = spawn(process.execPath, [script, directory], {
    ...options,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (!node.stdout) throw new Error('no output to read')
  const lines = createInterface({ input: node.stdout })
  const [line] = (await Promise.race([
    once(lines, 'line'),
    once(node, 'exit').then(() => Promise.reject(new Error('the starter ended without a word'))),
  ])) as [string]
  return { node, database: JSON.parse(line) as Started }
}

/** SIGKILL, and wait until the process is gone. */
export async function killNode(node: ChildProcess): Promise<void> {
  if (node.exitCode !== null || node.signalCode !== null) return
  const gone = once(node, 'exit')
  node.kill('SIGKILL')
  await gone
}

/** One statement on one connection; returns the rows. */
export async function query<Row>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text, values)).rows as Row[]
  } finally {
    await client.end().catch(() => {})
  }
}
