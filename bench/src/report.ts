import type { Options } from './config.ts'
import type { Agreement } from './consistency.ts'
import type { Figures, Round } from './round.ts'
import { spreadOf } from './statistics.ts'
import { figure, spreadCells, tableOf } from './table.ts'

export interface Memory {
  readonly gatewayBytes: number
  readonly postgresBytes: number
}

/** What `--json` prints. A figure that this machine cannot tell is null. */
export interface Summary {
  readonly paymentsPerSecond: number | null
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly gatewayCpuMsPerPayment: number | null
  readonly postgresCpuMsPerPayment: number | null
  readonly ratioToBareClient: number | null
  readonly ratioToBareHttp: number | null
  readonly flushMicroseconds: number | null
  readonly connections: number
  readonly isValid: boolean
}

type Row = readonly [name: string, digits: number, value: (figures: Figures) => number]

const OURS: readonly Row[] = [
  ['payments/s', 0, (one) => one.paymentsPerSecond],
  ['p50 ms', 1, (one) => one.p50Ms],
  ['p99 ms', 1, (one) => one.p99Ms],
  ['gateway CPU ms/payment', 3, (one) => one.gatewayCpuMs],
  ['PostgreSQL CPU ms/payment', 3, (one) => one.postgresCpuMs],
  ['simulator CPU ms/payment', 3, (one) => one.simulatorCpuMs],
  ['generator CPU ms/payment', 3, (one) => one.generatorCpuMs],
  ['cores busy', 2, (one) => one.busyCores],
  ['of these with other programs', 2, (one) => one.othersCores],
]

export function printRounds(rounds: readonly Round[], memory: Memory): void {
  const ours = rounds.map((round) => round.ours)
  const limits: readonly [string, number, (round: Round) => number][] = [
    ['bare client payments/s', 0, (round) => round.bareClient.paymentsPerSecond],
    ['  PostgreSQL CPU ms/payment', 3, (round) => round.bareClient.postgresCpuMsPerPayment],
    ['  ours / bare client', 2, ratioToBareClient],
    ['same, committed together', 0, (round) => round.lanes.paymentsPerSecond],
    ['  PostgreSQL CPU ms/payment', 3, (round) => round.lanes.postgresCpuMsPerPayment],
    [
      '  ours / committed together',
      2,
      (round) => round.ours.paymentsPerSecond / round.lanes.paymentsPerSecond,
    ],
    ['bare HTTP requests/s', 0, (round) => round.bareHttpPerSecond],
    ['  ours / bare HTTP', 2, ratioToBareHttp],
  ]
  const rows = [
    ...OURS.map(([name, digits, value]) => [name, ...spreadCells(ours.map(value), digits)]),
    ['gateway resident MB', figure(memory.gatewayBytes / 1e6, 0), ''],
    ['PostgreSQL resident MB', figure(memory.postgresBytes / 1e6, 0), ''],
    ...limits.map(([name, digits, value]) => [name, ...spreadCells(rounds.map(value), digits)]),
  ]
  console.log(`\n${tableOf(['', 'median', 'min–max'], rows)}`)
  printRefusals(ours)
}

export function printRefusals(figures: readonly Figures[]): void {
  const sums = new Map<string, number>()
  for (const [code, count] of figures.flatMap(({ refusals }) => Object.entries(refusals)))
    sums.set(code, (sums.get(code) ?? 0) + count)
  if (sums.size === 0) return
  console.log(`not paid: ${[...sums].map(([code, count]) => `${count} × ${code}`).join(', ')}`)
}

/** The targets hold for two cores with everything on them, at 128 connections. */
export function printTargets(rounds: readonly Round[]): void {
  const median = (value: (figures: Figures) => number) =>
    spreadOf(rounds.map(({ ours }) => value(ours))).median
  const targets: readonly [string, boolean][] = [
    ['at least 4,000 payments/s', median((one) => one.paymentsPerSecond) >= 4000],
    ['p99 under 100 ms', median((one) => one.p99Ms) < 100],
    ['at most 0.2 ms of gateway CPU a payment', median((one) => one.gatewayCpuMs) <= 0.2],
  ]
  console.log('')
  for (const [words, isMet] of targets) console.log(`${isMet ? 'met    ' : 'MISSED '} ${words}`)
}

export function printAgreement({ answered, paid, booked, faults }: Agreement): void {
  console.log(
    `\n${figure(answered, 0)} payments answered, ${figure(paid, 0)} in the database, ${figure(booked, 0)} in the book`,
  )
  for (const fault of faults) console.log(`INVALID ${fault}`)
  if (faults.length === 0) console.log('Each answered payment is in the database and in the book, once.')
}

export function summaryOf(
  rounds: readonly Round[],
  flushMicroseconds: number,
  options: Options,
  isValid: boolean,
): Summary {
  const median = (value: (round: Round) => number, digits: number) =>
    rounded(spreadOf(rounds.map(value)).median, digits)
  return {
    paymentsPerSecond: median(({ ours }) => ours.paymentsPerSecond, 0),
    p50Ms: median(({ ours }) => ours.p50Ms, 2),
    p99Ms: median(({ ours }) => ours.p99Ms, 2),
    gatewayCpuMsPerPayment: median(({ ours }) => ours.gatewayCpuMs, 4),
    postgresCpuMsPerPayment: median(({ ours }) => ours.postgresCpuMs, 4),
    ratioToBareClient: median(ratioToBareClient, 3),
    ratioToBareHttp: median(ratioToBareHttp, 3),
    flushMicroseconds: rounded(flushMicroseconds, 1),
    connections: options.connections,
    isValid,
  }
}

function ratioToBareClient({ ours, bareClient }: Round): number {
  return ours.paymentsPerSecond / bareClient.paymentsPerSecond
}

function ratioToBareHttp({ ours, bareHttpPerSecond }: Round): number {
  return ours.paymentsPerSecond / bareHttpPerSecond
}

function rounded(value: number, digits: number): number | null {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : null
}
