import { execFileSync } from 'node:child_process'
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasCode } from './files.ts'

const ATTEMPTS = 6

/** Number, beginning and a mark of its own: all there is to know about a claim stands in its name. */
const CLAIM = /^launcher-(\d+)-([0-9a-f]{12})-[0-9a-f]{12}\.lock$/

/**
 * Takes the folder for this process and returns the function that gives it back.
 * Throws when a launcher that still runs holds it; what dead ones left is cleared away.
 *
 * Each first puts down a claim and then looks for others, so of two at the same time at least one sees the
 * other and withdraws. Nobody ever takes anybody's claim over, which is what cannot be done safely with files.
 */
export async function takeLauncherLock(home: string): Promise<() => Promise<void>> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const claim = `launcher-${process.pid}-${beginningOf(process.pid)}-${randomBytes(6).toString('hex')}.lock`
  const withdraw = () => rm(join(home, claim), { force: true })
  let holder: number | undefined
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    await writeFile(join(home, claim), '', { mode: 0o600, flag: 'wx' })
    holder = await findOther(home, claim)
    if (holder === undefined) return withdraw
    await withdraw()
    await sleep(randomInt(20 * attempt))
  }
  throw new Error(`Gerbang already runs on ${home} (process ${holder}). Stop it first, or set GERBANG_HOME.`)
}

async function findOther(home: string, mine: string): Promise<number | undefined> {
  for (const name of await readdir(home)) {
    const [, pid, began] = CLAIM.exec(name) ?? []
    if (pid === undefined || name === mine) continue
    if (began === beginningOf(Number(pid))) return Number(pid)
    await rm(join(home, name), { force: true })
  }
  return undefined
}

/** Differs between two processes that had the same number; undefined when there is no such process. */
function beginningOf(pid: number): string | undefined {
  const beginning = readBeginning(pid)
  return beginning && createHash('sha256').update(beginning).digest('hex').slice(0, 12)
}

function readBeginning(pid: number): string | undefined {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!hasCode(error, 'EPERM')) return undefined
  }
  if (process.platform === 'linux') return linuxBeginningOf(pid)
  if (process.platform === 'win32') return 'running'
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return 'running'
  }
}

function linuxBeginningOf(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    if (fields[0] === 'Z') return undefined
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`
  } catch {
    return 'running'
  }
}
