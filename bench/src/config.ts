import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

export interface Options {
  /** The last line on standard output is one JSON object. */
  readonly json: boolean
  /** Also how everything grows: connections, and the size of the tables. */
  readonly growth: boolean
  /** Also payments with kept cards and direct debit, beside those with a card number. */
  readonly variants: boolean
  /** Notifications in the place of payments. */
  readonly notifications: boolean
  readonly rounds: number
  /** Length of the measured part of a round. */
  readonly seconds: number
  readonly connections: number
  /** Processes of the gateway. */
  readonly workers: number
  /** Payments in the tables at the end of the study of growth. */
  readonly rows: number
  /** Where CPU profiles of the gateway go; absent: none are taken. */
  readonly profile: string | undefined
  /** File with SQL to run on the fresh schema before anything is measured, to compare schemas. */
  readonly sql: string | undefined
  /** A PostgreSQL to use instead of one of our own. */
  readonly databaseUrl: string | undefined
  /** Handed on to the gateway, so that its settings can be compared. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

const FLAGS = {
  json: { type: 'boolean', default: false },
  growth: { type: 'boolean', default: false },
  variants: { type: 'boolean', default: false },
  notifications: { type: 'boolean', default: false },
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '4' },
  connections: { type: 'string', default: '128' },
  workers: { type: 'string', default: String(Math.min(availableParallelism(), 4)) },
  rows: { type: 'string', default: '1000000' },
  profile: { type: 'string' },
  sql: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

export const USAGE = `npm run bench -- [flags]
  --json             print one JSON object as the last line
  --growth           also from 1 to 256 connections and from empty tables to --rows payments (minutes)
  --variants         also payments with kept cards (V3) and recurring ones (V4), and direct debit with a code and
                     recurring, beside those with a card number (V1)
  --notifications    how fast partners are told, and what 100,000 who cannot be told cost payments
  --rounds N         rounds whose medians are shown (3)
  --seconds N        measured seconds of a round (4)
  --connections N    connections that each keep one request in flight (128)
  --workers N        processes of the gateway (one per core, four at most)
  --rows N           payments in the tables at the end of --growth (1000000)
  --profile DIR      write CPU profiles of the gateway's processes to DIR
  --sql FILE         run this on the fresh schema first, to compare schemas
DATABASE_URL names a PostgreSQL to use instead of one of our own; GERBANG_* settings reach the gateway.`

/** Reads the command line; undefined when only help was wanted. Throws an Error for what it does not know. */
export function readOptions(argv: readonly string[], environment = process.env): Options | undefined {
  const { values } = parseArgs({ args: [...argv], options: FLAGS })
  if (values.help) return undefined
  return {
    json: values.json,
    growth: values.growth,
    variants: values.variants,
    notifications: values.notifications,
    rounds: whole('rounds', values.rounds, 99),
    seconds: whole('seconds', values.seconds, 600),
    connections: whole('connections', values.connections, 4096),
    workers: whole('workers', values.workers, 64),
    rows: whole('rows', values.rows, 100_000_000),
    profile: values.profile,
    sql: values.sql,
    databaseUrl: environment.DATABASE_URL || undefined,
    environment,
  }
}

function whole(name: string, text: string, max: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > max)
    throw new Error(`--${name} is not a whole number from 1 to ${max}`)
  return value
}
