import { chown, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAbsent } from './files.ts'
import { isPostgres } from './processes.ts'

/** What PostgreSQL's own lock file says about the server of a data folder. */
export interface Postmaster {
  pid: number
  port: number
  status: string
}

/** Reads `postmaster.pid`; undefined when there is none, or when it is not yet written to the end. */
export async function readPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(lockFile(data), 'utf8').catch((error: unknown) => {
    if (isAbsent(error)) return ''
    throw error
  })
  const lines = text.split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  return { pid, port: Number(lines[3] ?? 0), status: (lines[7] ?? '').trim() }
}

/** The server that runs on the folder now, if any. */
export async function livePostmaster(data: string): Promise<Postmaster | undefined> {
  const found = await readPostmaster(data)
  return found && isPostgres(found.pid) ? found : undefined
}

/**
 * PostgreSQL respects a lock file whose number belongs to any live process, even a stranger's after a reboot,
 * and one that a power cut left empty. The lock is handed to us, its parent, whom it ignores; its other
 * lines stay, because they are how it notices backends that outlived their server.
 */
export async function disownStaleLock(data: string): Promise<void> {
  const path = lockFile(data)
  const found = await stat(path).catch(() => undefined)
  if (!found || (await livePostmaster(data))) return
  if (found.size === 0) {
    if (Date.now() - found.mtimeMs > 2_000) await unlink(path)
    return
  }
  const [, ...rest] = (await readFile(path, 'utf8')).split('\n')
  const draft = `${path}.${process.pid}`
  await writeFile(draft, [process.pid, ...rest].join('\n'), { mode: 0o600 })
  await chown(draft, found.uid, found.gid)
  await rename(draft, path)
}

function lockFile(data: string): string {
  return join(data, 'postmaster.pid')
}
