import type { Options } from './config.ts'
import { fillTables } from './fill.ts'
import { printRefusals } from './report.ts'
import type { Figures, Rounds } from './round.ts'
import type { Stage } from './stage.ts'
import { spreadOf } from './statistics.ts'
import { figure, tableOf } from './table.ts'

const CONNECTIONS = [1, 8, 32, 128, 256] as const
const SLOW_DOWN_LIMIT = 0.15

type Bare = { paymentsPerSecond: number; postgresCpuMsPerPayment: number }
interface Pair {
  readonly ours: Figures
  readonly bare: Bare
}

/** How ours and the bare client grow with the connections, then with the tables. Takes minutes. */
export async function studyGrowth(stage: Stage, rounds: Rounds, options: Options): Promise<void> {
  const measure = async (connections: number): Promise<Pair[]> => {
    const pairs: Pair[] = []
    for (let count = 0; count < options.rounds; count++)
      pairs.push({
        ours: await rounds.measureOurs(connections),
        bare: await rounds.measureBareClient(connections),
      })
    return pairs
  }
  const empty = await measure(options.connections)
  const start = await countPayments(stage)
  const grown: [string, Pair[]][] = []
  for (const connections of CONNECTIONS) {
    console.error(`connections: ${connections}`)
    grown.push([String(connections), await measure(connections)])
  }
  printPairs('connections', grown)

  const before = await countPayments(stage)
  const say = (done: number) => console.error(`filled: ${figure(done, 0)}`)
  await fillTables(stage, Math.max(0, options.rows - before), { say })
  const full = await countPayments(stage)
  const filled = await measure(options.connections)
  printPairs('payments in the tables', [
    [`up to ${figure(start, 0)}`, empty],
    [`from ${figure(full, 0)}`, filled],
  ])
  printSlowDown(empty, filled)
}

const COLUMNS: readonly [string, number, (pair: Pair) => number][] = [
  ['payments/s', 0, ({ ours }) => ours.paymentsPerSecond],
  ['p50 ms', 1, ({ ours }) => ours.p50Ms],
  ['p99 ms', 1, ({ ours }) => ours.p99Ms],
  ['gateway CPU ms', 3, ({ ours }) => ours.gatewayCpuMs],
  ['PostgreSQL CPU ms', 3, ({ ours }) => ours.postgresCpuMs],
  ['bare client/s', 0, ({ bare }) => bare.paymentsPerSecond],
  ['its PostgreSQL CPU ms', 3, ({ bare }) => bare.postgresCpuMsPerPayment],
  ['ratio', 2, ({ ours, bare }) => ours.paymentsPerSecond / bare.paymentsPerSecond],
]

function printPairs(name: string, lines: readonly (readonly [string, readonly Pair[]])[]): void {
  const rows = lines.map(([label, pairs]) => [
    label,
    ...COLUMNS.map(([, digits, value]) => figure(spreadOf(pairs.map(value)).median, digits)),
  ])
  console.log(`\n${tableOf([name, ...COLUMNS.map(([title]) => title)], rows)}`)
  printRefusals(lines.flatMap(([, pairs]) => pairs.map(({ ours }) => ours)))
}

function printSlowDown(empty: readonly Pair[], filled: readonly Pair[]): void {
  const change = (value: (pair: Pair) => number) =>
    spreadOf(filled.map(value)).median / spreadOf(empty.map(value)).median - 1
  const slowDown = -change(({ ours }) => ours.paymentsPerSecond)
  const bare = -change(({ bare }) => bare.paymentsPerSecond)
  const cpu = change(({ ours }) => ours.postgresCpuMs)
  const percent = (value: number) => `${figure(value * 100, 1)} %`
  console.log(
    `\n${slowDown <= SLOW_DOWN_LIMIT ? 'met    ' : 'MISSED '} slow-down with full tables at most 15 %: ` +
      `${percent(slowDown)} (bare client ${percent(bare)}, PostgreSQL CPU per payment ${percent(cpu)} more)`,
  )
}

async function countPayments(stage: Stage): Promise<number> {
  const { rows } = await stage.database.query<{ count: string }>('select count(*) from payments')
  return Number(rows[0]?.count)
}
