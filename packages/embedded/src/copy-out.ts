import { createHash } from 'node:crypto'
import {
  chmod,
  constants,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasCode, isAbsent } from './files.ts'

/** For compiling extensions only: no part of a running server. */
const NEEDLESS = /\.a$|[\\/](?:pgxs|pkgconfig)(?:[\\/]|$)/

interface Part {
  path: string
  size: number
}

/**
 * Copies PostgreSQL's programs to a place that every account may read and only we may write, and returns it.
 * A copy left by an earlier start is used again when it is ours and whole; one that somebody else put there
 * is never trusted. `complete` finishes the fresh copy (its links); `log` hears of a fresh copy only.
 */
export async function copyOut(
  root: string,
  parent: string,
  { complete, log }: { complete: (copy: string) => Promise<boolean>; log: (line: string) => void },
): Promise<string> {
  const parts = await listParts(join(root, 'native'))
  const version = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const name = `gerbang-postgres-${version.version}-${fingerprint(parts)}`
  await refuseOpenParent(parent)
  const place = join(parent, name)
  if (await isSound(place, fingerprint(parts))) return place

  const draft = await mkdtemp(join(parent, `${name}-`))
  await copyParts(root, draft, parts)
  await complete(draft)
  await openForReading(draft)
  const copy = await moveIntoPlace(draft, place, fingerprint(parts))
  const megabytes = Math.round(parts.reduce((sum, { size }) => sum + size, 0) / 1e6)
  log(
    `Copied PostgreSQL's programs (${megabytes} MB) to ${copy}: the account that runs them cannot use ${root}. ` +
      'Later starts use this copy again.',
  )
  return copy
}

async function moveIntoPlace(draft: string, place: string, expected: string): Promise<string> {
  const isOurs = await ownedByUs(place)
  if (isOurs && !(await isSound(place, expected))) {
    const aside = `${draft}-broken`
    await rename(place, aside).then(() => rm(aside, { recursive: true }))
  }
  try {
    await rename(draft, place)
    return place
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'EPERM', 'ENOTDIR', 'EACCES')) throw error
  }
  // Either another start was faster, or the name is held by someone else: then the draft itself serves.
  if (!(await isSound(place, expected))) return draft
  await rm(draft, { recursive: true })
  return place
}

async function isSound(place: string, expected: string): Promise<boolean> {
  if (!(await ownedByUs(place))) return false
  const parts = await listParts(join(place, 'native')).catch((error: unknown) => {
    if (isAbsent(error)) return []
    throw error
  })
  return fingerprint(parts) === expected
}

async function ownedByUs(place: string): Promise<boolean> {
  const found = await lstat(place).catch(() => undefined)
  if (!found?.isDirectory()) return false
  if (process.getuid === undefined) return true
  return found.uid === process.getuid() && (found.mode & 0o022) === 0
}

async function refuseOpenParent(parent: string): Promise<void> {
  if (process.getuid === undefined) return
  const { mode, uid } = await lstat(join(parent, '.'))
  const isGuarded = (mode & 0o022) === 0 || (mode & 0o1000) !== 0
  if (isGuarded && (uid === 0 || uid === process.getuid())) return
  throw new Error(`${parent} lets others replace our files: set TMPDIR to a directory with the sticky bit`)
}

async function listParts(folder: string): Promise<Part[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const parts = await Promise.all(
    files.map(async (entry) => {
      const full = join(entry.parentPath, entry.name)
      return { path: full.slice(folder.length + 1), size: (await lstat(full)).size }
    }),
  )
  return parts.filter(({ path }) => !NEEDLESS.test(path)).sort((a, b) => (a.path < b.path ? -1 : 1))
}

function fingerprint(parts: Part[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12)
}

async function copyParts(root: string, draft: string, parts: Part[]): Promise<void> {
  const folders = new Set(parts.map(({ path }) => dirname(join(draft, 'native', path))))
  for (const folder of folders) await mkdir(folder, { recursive: true })
  await Promise.all(
    parts.map(({ path }) =>
      copyFile(join(root, 'native', path), join(draft, 'native', path), constants.COPYFILE_FICLONE),
    ),
  )
}

/** Our umask, or the source's modes, may be tighter than the other account needs. */
async function openForReading(draft: string): Promise<void> {
  const entries = await readdir(draft, { recursive: true, withFileTypes: true })
  await Promise.all(
    entries
      .filter((entry) => !entry.isSymbolicLink())
      .map((entry) => chmod(join(entry.parentPath, entry.name), modeOf(entry.isDirectory(), entry.name))),
  )
  await chmod(draft, 0o755)
}

function modeOf(isFolder: boolean, name: string): number {
  return isFolder || !name.includes('.') || /\.(?:so|dylib|exe|dll)\b/.test(name) ? 0o755 : 0o644
}
