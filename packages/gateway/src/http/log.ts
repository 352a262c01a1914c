import { setTimeout as wait } from 'node:timers/promises'
import { formatInstant } from '@gerbang/snap'
import pino from 'pino'
import { maskCardNumbers } from '../secret.ts'
import type { LoggedLine } from './server.ts'

export interface Log {
  request(line: LoggedLine): void
  fault(where: string, error: unknown): void
  note(message: string, facts?: Readonly<Record<string, string | number>>): void
  /** Somebody has to look at this. */
  alert(message: string, facts?: Readonly<Record<string, string | number>>): void
  /** Writes out what is gathered, if anybody reads it. */
  flush(): Promise<void>
}

export interface LogOptions {
  readonly level: string
  readonly destination?: pino.DestinationStream
}

/** Lines are gathered for a moment and written together; the last ones go out when the process ends. */
const BUFFER_BYTES = 8192
const FLUSH_MS = 200
const LAST_FLUSH_MS = 1_000

/** One JSON line per request and per fault on standard output. Errors are told by kind and place, never by content. */
export function openLog({ level, destination }: LogOptions): Log {
  const stream =
    destination ?? pino.destination({ fd: 1, sync: false, minLength: BUFFER_BYTES, periodicFlush: FLUSH_MS })
  const logger = pino({ level, base: null, timestamp: time }, stream)
  return {
    request(line) {
      const words = { ...line }
      // The references are the partner's own words, and a partner can put anything into them.
      words.partnerReferenceNo &&= maskCardNumbers(words.partnerReferenceNo)
      words.externalId &&= maskCardNumbers(words.externalId)
      if (line.fault === undefined) return logger.info(words)
      words.fault = describe(line.fault)
      logger.error(words)
    },
    fault: (where, error) => logger.error({ where, fault: describe(error) }),
    note: (message, facts) => logger.info({ ...facts }, message),
    alert: (message, facts) => logger.error({ ...facts }, message),
    flush: () => ('flush' in stream ? lastFlush(stream as Flushing) : Promise.resolve()),
  }
}

function time(): string {
  return `,"time":"${formatInstant(Date.now())}"`
}

interface Flushing {
  flush(done: () => void): void
}

/** Not `flushSync`: it tries for ever, and blocks the process, when the reader of standard output has gone. */
function lastFlush(stream: Flushing): Promise<void> {
  const flushed = new Promise<void>((resolve) => stream.flush(resolve))
  return Promise.race([flushed, wait(LAST_FLUSH_MS, undefined, { ref: false })])
}

/** Kind, code, place: messages of databases and parsers can quote what they were given. */
function describe(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error }
  const { code, constraint } = error as { code?: unknown; constraint?: unknown }
  const place = error.stack
    ?.split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 6)
    .map((line) => line.trim())
  return {
    name: error.name,
    ...(code !== undefined && { code: String(code) }),
    ...(constraint !== undefined && { constraint }),
    place,
  }
}
