import type { Clock } from '../../clock.ts'
import type { Sql } from '../../database/pool.ts'
import { endingOf, endpointEndings, type Outcome } from './ending.ts'
import { type EndpointChange, type PauseRule, putEndpoints, type Taken, writeEndings } from './store.ts'

export interface Ended {
  readonly taken: Taken
  readonly outcome: Outcome
}

export interface EndingsWriter {
  /** Resolves when it is written: until then the notification is under way. */
  write(ended: Ended): Promise<void>
}

export interface EndingsWriterOptions {
  readonly sql: Sql
  readonly clock: Clock
  /** Milliseconds after the first attempt. */
  readonly offsets: readonly number[]
  readonly rule: PauseRule
  readonly onEndpoint: (change: EndpointChange) => void
  readonly onFault: (error: unknown) => void
}

interface Waiting extends Ended {
  readonly done: () => void
}

const MOST_AT_ONCE = 256
/** A write costs as much for sixteen as for one, and nobody waits for it but the next notification. */
const GATHER_MS = 8
const RETRY_MS = 250
const MOST_TRIES = 8

/** Ends that come in while others are being written go out together, in one commit. */
export function openEndingsWriter(options: EndingsWriterOptions): EndingsWriter {
  const waiting: Waiting[] = []
  let isWriting = false

  async function drain(): Promise<void> {
    isWriting = true
    await options.clock.sleep(GATHER_MS)
    for (
      let batch = waiting.splice(0, MOST_AT_ONCE);
      batch.length > 0;
      batch = waiting.splice(0, MOST_AT_ONCE)
    ) {
      await persist(options, batch)
      for (const { done } of batch) done()
    }
    isWriting = false
  }

  return {
    write(ended) {
      return new Promise((resolve) => {
        waiting.push({ ...ended, done: resolve })
        if (!isWriting) drain()
      })
    },
  }
}

/**
 * A database that stays away is no reason to hold on for ever: what was not written is sent again when its lease has ended. One ending that
 * the database refuses costs nobody else's: the batch is halved until it stands alone.
 */
async function persist(options: EndingsWriterOptions, batch: readonly Ended[]): Promise<void> {
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    try {
      return await writeBatch(options, batch)
    } catch (error) {
      options.onFault(error)
      if (isRefusal(error)) return persistHalves(options, batch)
      await options.clock.sleep(RETRY_MS * tries)
    }
  }
}

async function persistHalves(options: EndingsWriterOptions, batch: readonly Ended[]): Promise<void> {
  if (batch.length === 1) return
  const middle = batch.length >> 1
  await persist(options, batch.slice(0, middle))
  await persist(options, batch.slice(middle))
}

/** Classes 22 and 23 of SQLSTATE: the values themselves are refused, today and tomorrow. */
function isRefusal(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' && /^2[23]/.test(code)
}

async function writeBatch(options: EndingsWriterOptions, batch: readonly Ended[]): Promise<void> {
  const now = options.clock.now()
  const ended = batch.map(({ taken, outcome }) => ({
    taken,
    outcome,
    ending: endingOf(taken, outcome, { now, offsets: options.offsets }),
  }))
  const moved = ended.filter(({ outcome }) => outcome.kind === 'moved').map(({ ending }) => ending)
  if (moved.length > 0) await putEndpoints(options.sql, moved, now)
  const changes = await writeEndings(options.sql, now, {
    endings: ended.map(({ ending }) => ending),
    endpoints: endpointEndings(ended, now),
    rule: options.rule,
  })
  for (const change of changes) if (change.pauses !== change.before) options.onEndpoint(change)
}
