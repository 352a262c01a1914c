import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { bookedLine, type Entry, parseLine, resolvedLine } from './entry.ts'
import { type Kept, type Kind, keptLine, openShelves, type Shelves } from './record.ts'
import type { Verdict } from './verdict.ts'

export interface Ledger {
  readonly path: string
  readonly size: number
  get(referenceNo: string): Entry | undefined
  entries(): IterableIterator<Entry>
  /** Puts the entry into the index at once and into the file with the rest of this turn's. */
  book(entry: Entry): void
  /** Makes `verdict` the entry's last word. */
  resolve(entry: Entry, verdict: Verdict, at: number): void
  /** What is kept beside the charges, the latest word on each. */
  readonly kept: { readonly [K in Kind]: ReadonlyMap<string, Kept[K]> }
  /** Puts the record in the place of an earlier one of its name. */
  keep<K extends Kind>(kind: K, record: Kept[K]): void
  /**
   * Calls back once everything said so far is in the file: nothing may be answered before. `written` is
   * false when the file refused it; the ledger then refuses everything until a restart has read the file.
   */
  whenWritten(tell: (written: boolean) => void): void
  close(): void
}

export interface LedgerOptions {
  readonly directory: string
  /** Flush the disk with every batch. */
  readonly fsync: boolean
  /** Told once why the file took no more. */
  readonly whenRefused: (cause: unknown) => void
}

/**
 * Opens `directory/ledger.jsonl`, reading what an earlier process wrote. A line without its end, as a crash leaves
 * behind, is cut off: its charge was never answered.
 * @throws when any other line cannot be read
 */
export function openLedger({ directory, fsync, whenRefused }: LedgerOptions): Ledger {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, 'ledger.jsonl')
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  const index = new Map<string, Entry>()
  const shelves = openShelves()
  const length = replay(file, { index, shelves })
  ftruncateSync(file, length)

  const batch = openBatch(file, length, { fsync, whenRefused })

  return {
    path,
    get size() {
      return index.size
    },
    get: (referenceNo) => index.get(referenceNo),
    entries: () => index.values(),
    book(entry) {
      index.set(entry.referenceNo, entry)
      batch.add(bookedLine(entry))
    },
    resolve(entry, verdict, at) {
      entry.verdict = verdict
      entry.resolveAt = 0
      batch.add(resolvedLine(entry.referenceNo, verdict, at))
    },
    kept: shelves.maps,
    keep(kind, record) {
      shelves.put(kind, record)
      batch.add(keptLine(kind, record))
    },
    whenWritten: batch.whenWritten,
    close() {
      batch.flush()
      closeSync(file)
    },
  }
}

/** Collects the lines of one turn of the event loop and writes them at `length`, together. */
function openBatch(file: number, length: number, options: Omit<LedgerOptions, 'directory'>) {
  let end = length
  let lines: string[] = []
  let listeners: ((written: boolean) => void)[] = []
  let isBroken = false

  function write(): boolean {
    if (isBroken) return false
    try {
      // Two simulators on one directory would write over each other: the second to write notices and stops.
      if (fstatSync(file).size !== end) throw new Error('ledger.jsonl was changed by another process')
      end += writeAll(file, Buffer.from(lines.join('')), end)
      if (options.fsync) fdatasyncSync(file)
      return true
    } catch (cause) {
      // Half a batch may be on disk while nobody was answered; only the file itself can say, at the next start.
      isBroken = true
      options.whenRefused(cause)
      return false
    }
  }

  function flush() {
    if (lines.length === 0) return
    const written = write()
    const told = listeners
    lines = []
    listeners = []
    for (const tell of told) tell(written)
  }

  return {
    flush,
    add(line: string) {
      if (lines.length === 0) setImmediate(flush)
      lines.push(line)
    },
    whenWritten(tell: (written: boolean) => void) {
      if (lines.length > 0) listeners.push(tell)
      else tell(!isBroken)
    },
  }
}

function writeAll(file: number, bytes: Buffer, position: number): number {
  let done = 0
  while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done, position + done)
  return done
}

interface Replayed {
  readonly index: Map<string, Entry>
  readonly shelves: Shelves
}

/** Fills index and shelves, and returns how many bytes of the file are whole lines. */
function replay(file: number, replayed: Replayed): number {
  const chunk = Buffer.allocUnsafe(1 << 20)
  let rest: Buffer = Buffer.alloc(0)
  let whole = 0
  let lineNumber = 0
  for (let position = 0; ; ) {
    const size = readSync(file, chunk, 0, chunk.length, position)
    if (size === 0) return whole
    position += size
    const bytes = rest.length === 0 ? chunk.subarray(0, size) : Buffer.concat([rest, chunk.subarray(0, size)])
    const end = bytes.lastIndexOf(0x0a) + 1
    for (const line of bytes.toString('utf8', 0, end).split('\n')) {
      if (line !== '') replayLine(line, ++lineNumber, replayed)
    }
    whole += end
    rest = Buffer.from(bytes.subarray(end))
  }
}

function replayLine(text: string, lineNumber: number, { index, shelves }: Replayed) {
  let line: ReturnType<typeof parseLine>
  try {
    line = parseLine(text)
  } catch (cause) {
    throw new Error(`ledger.jsonl: line ${lineNumber} cannot be read`, { cause })
  }
  if (line.kind === 'booked') {
    index.set(line.entry.referenceNo, line.entry)
    return
  }
  if (line.kind === 'kept') {
    shelves.putLine(line.kept)
    return
  }
  const entry = index.get(line.referenceNo)
  if (!entry) throw new Error(`ledger.jsonl: line ${lineNumber} resolves a charge that was never booked`)
  entry.verdict = line.verdict
  entry.resolveAt = 0
}
