import type { Options } from './config.ts'
import type { Source } from './merchant.ts'
import { printRefusals } from './report.ts'
import { BARE_LOOPS, type Figures, type Rounds } from './round.ts'
import { spreadOf } from './statistics.ts'
import { figure, tableOf } from './table.ts'

export interface Kind {
  readonly name: string
  readonly sources: readonly Source[]
}

/** A kind of payment, round by round, each beside the bare client of its round. */
export interface Measured {
  readonly name: string
  readonly rounds: readonly { readonly ours: Figures; readonly barePerSecond: number }[]
}

/** Each kind in turn, round after round, on the same tables: what grows or disturbs, grows and disturbs all alike. */
export async function measureInTurn(
  rounds: Rounds,
  options: Options,
  kinds: readonly Kind[],
): Promise<readonly Measured[]> {
  const measured = kinds.map(({ name }) => ({ name, rounds: [] as Measured['rounds'][number][] }))
  for (let count = 0; count < options.rounds; count++) {
    const { paymentsPerSecond: barePerSecond } = await rounds.measureBareClient(BARE_LOOPS)
    for (const [place, { sources }] of kinds.entries()) {
      const ours = await rounds.measureOurs(options.connections, sources)
      measured[place]?.rounds.push({ ours, barePerSecond })
    }
  }
  return measured
}

const COLUMNS: readonly [string, number, (round: Measured['rounds'][number]) => number][] = [
  ['payments/s', 0, ({ ours }) => ours.paymentsPerSecond],
  ['p50 ms', 1, ({ ours }) => ours.p50Ms],
  ['p99 ms', 1, ({ ours }) => ours.p99Ms],
  ['gateway CPU ms', 3, ({ ours }) => ours.gatewayCpuMs],
  ['PostgreSQL CPU ms', 3, ({ ours }) => ours.postgresCpuMs],
  ['ours / bare client', 2, ({ ours, barePerSecond }) => ours.paymentsPerSecond / barePerSecond],
]

/** Medians, a line for each kind. */
export function printKinds(title: string, measured: readonly Measured[]): void {
  const rows = measured.map(({ name, rounds }) => [
    name,
    ...COLUMNS.map(([, digits, value]) => figure(spreadOf(rounds.map(value)).median, digits)),
  ])
  console.log(`\n${tableOf([title, ...COLUMNS.map(([column]) => column)], rows)}`)
  printRefusals(measured.flatMap(({ rounds }) => rounds.map(({ ours }) => ours)))
}

/** By how much each kind but the first is slower than the first, as a share. */
export function slowDowns([first, ...others]: readonly Measured[]): readonly {
  name: string
  share: number
}[] {
  const rate = (one: Measured | undefined) =>
    spreadOf((one?.rounds ?? []).map(({ ours }) => ours.paymentsPerSecond)).median
  return others.map((one) => ({ name: one.name, share: 1 - rate(one) / rate(first) }))
}
