import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { plainEnvironment } from './config.ts'
import { hasCode, isAbsent, syncFolder } from './files.ts'
import { isAlive } from './processes.ts'
import type { RunAs } from './run-as.ts'

export const USER = 'gerbang'

const DRAFT = /^draft-(\d+)-/

/** A cluster on disk: PostgreSQL's own folder, and the password of its only user. */
export interface Cluster {
  data: string
  password: string
}

/** Where PostgreSQL's folder lies below ours. */
export function dataFolder(directory: string): string {
  return join(directory, 'cluster', 'data')
}

/**
 * PostgreSQL insists on an absolute path. An account that may not pass through the folders above (they are
 * often 0700) still reaches its own working directory, which it inherits from us, through /proc.
 */
export function dataPath(data: string, runAs: RunAs | undefined): string {
  return runAs && process.platform === 'linux' ? '/proc/self/cwd' : data
}

/**
 * Opens the directory's cluster, creating it on first use. It is made aside and renamed when complete, so a
 * crash leaves nothing half made, and of two concurrent starts one simply uses what the other created.
 */
export async function openCluster(directory: string, binaries: Binaries, runAs?: RunAs): Promise<Cluster> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await removeAbandonedDrafts(directory)
  const home = join(directory, 'cluster')
  if (!(await exists(home))) await createCluster(directory, home, binaries, runAs)
  return { data: dataFolder(directory), password: (await readFile(join(home, 'password'), 'utf8')).trim() }
}

async function createCluster(
  directory: string,
  home: string,
  binaries: Binaries,
  runAs?: RunAs,
): Promise<void> {
  const draft = await mkdtemp(join(directory, `draft-${process.pid}-`))
  try {
    await initialise(draft, binaries, runAs)
    await rename(draft, home)
    await syncFolder(directory)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'EPERM') || !(await exists(home))) throw error
  }
}

async function initialise(draft: string, binaries: Binaries, runAs?: RunAs): Promise<void> {
  const data = join(draft, 'data')
  const password = join(draft, 'password')
  await mkdir(data, { mode: 0o700 })
  await writeFile(password, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600, flush: true })
  if (runAs) for (const path of [data, password]) await chown(path, runAs.uid, runAs.gid)
  await runInitdb(data, password, binaries, runAs)
  if (runAs) await chown(password, 0, 0)
}

async function runInitdb(
  data: string,
  passwordFile: string,
  binaries: Binaries,
  runAs?: RunAs,
): Promise<void> {
  // As descriptor 3 the password file is readable even where the path to it is not.
  const password = await open(passwordFile, 'r')
  const source = process.platform === 'win32' ? passwordFile : '/dev/fd/3'
  const args = ['-D', dataPath(data, runAs), '-U', USER, '-A', 'scram-sha-256', `--pwfile=${source}`]
  args.push('--encoding=UTF8', '--locale=C', '--no-instructions')
  const child = spawn(binaries.initdb, args, {
    ...runAs,
    cwd: data,
    env: plainEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe', password.fd],
    windowsHide: true,
  })
  let complaint = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString()
  })
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (code !== 0) throw new Error(`initdb failed in ${data}: ${complaint.trim()}`)
  } finally {
    await password.close()
  }
}

async function removeAbandonedDrafts(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const creator = DRAFT.exec(name)?.[1]
    if (creator && !isAlive(Number(creator)))
      await rm(join(directory, name), { recursive: true, force: true })
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (isAbsent(error)) return false
      throw error
    },
  )
}
