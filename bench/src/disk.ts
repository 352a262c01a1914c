import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { quantile } from './statistics.ts'

const NAMES: Readonly<Record<number, string>> = {
  16914836: 'tmpfs',
  2240043254: 'ramfs',
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  2035054128: 'overlayfs',
  801189825: 'zfs',
}
const IN_MEMORY = new Set(['tmpfs', 'ramfs'])
const PAGE_BYTES = 8192
const PAGES = 128
const FLUSHES = 400

export interface Disk {
  readonly directory: string
  readonly fileSystem: string
  remove(): Promise<void>
}

/** A directory of our own on a disk: a memory file system would flush in no time and prove nothing. */
export async function openDisk(): Promise<Disk> {
  const candidates = [tmpdir(), resolve('.gerbang/bench')]
  for (const parent of candidates) {
    await mkdir(parent, { recursive: true })
    const { type } = await statfs(parent)
    const fileSystem = NAMES[type] ?? `0x${type.toString(16)}`
    if (IN_MEMORY.has(fileSystem)) continue
    const directory = await mkdtemp(join(parent, 'gerbang-bench-'))
    return { directory, fileSystem, remove: () => rm(directory, { recursive: true, force: true }) }
  }
  throw new Error(`no disk: ${candidates.join(' and ')} lie in memory`)
}

/** Median microseconds of writing 8 KiB over a file that has its size already, as a log segment has, and flushing. */
export function measureFlush(directory: string): number {
  const file = openSync(join(directory, 'flush'), 'w', 0o600)
  const page = Buffer.alloc(PAGE_BYTES, 0x5a)
  for (let index = 0; index < PAGES; index++) writeSync(file, page, 0, PAGE_BYTES, index * PAGE_BYTES)
  fdatasyncSync(file)
  const times: number[] = []
  for (let count = 0; count < FLUSHES; count++) {
    writeSync(file, page, 0, PAGE_BYTES, (count % PAGES) * PAGE_BYTES)
    const start = performance.now()
    fdatasyncSync(file)
    times.push((performance.now() - start) * 1000)
  }
  closeSync(file)
  return quantile(
    times.sort((a, b) => a - b),
    0.5,
  )
}
