import { openPartners, readConfig } from '@gerbang/gateway'
import type { Options } from './config.ts'
import { fillTables } from './fill.ts'
import { sampleCpu } from './proc.ts'
import type { Figures, Rounds } from './round.ts'
import type { Stage } from './stage.ts'
import { spreadOf } from './statistics.ts'
import { figure, spreadCells, tableOf } from './table.ts'

const DRAINED = 20_000
const DRAIN_TARGET = 1_000
const DEAD = 100_000
const SLOW_DOWN_LIMIT = 0.1
const PATIENCE_MS = 180_000
/** Nothing listens there. */
const DEAD_URL = 'http://127.0.0.1:9/notify'

/** How fast notifications leave, and what very many that cannot leave cost payments. */
export async function studyNotifications(stage: Stage, rounds: Rounds, options: Options): Promise<void> {
  const drains: Drain[] = []
  for (let count = 0; count < options.rounds; count++) drains.push(await measureDrain(stage, count))
  printDrains(drains)

  const partnerId = await addPartner(stage, [])
  await fillTables(stage, DEAD, { partnerId })
  const without = await measure(rounds, options)
  await waitInVain(stage, partnerId)
  const beside = await measure(rounds, options)
  printSlowDown(without, beside)
}

async function measure(rounds: Rounds, options: Options): Promise<Figures[]> {
  const figures: Figures[] = []
  for (let count = 0; count < options.rounds; count++)
    figures.push(await rounds.measureOurs(options.connections))
  return figures
}

interface Drain {
  readonly perSecond: number
  readonly gatewayCpuMs: number
  readonly postgresCpuMs: number
}

/** The endpoint is left in peace until all are there; then the clock starts. */
async function measureDrain(stage: Stage, count: number): Promise<Drain> {
  const { url } = stage.sink.ready
  const partnerId = await addPartner(stage, [
    { purpose: 'notification', url: `${url}/notify` },
    { purpose: 'token', url: `${url}/token` },
  ])
  await stage.database.query(
    `insert into notification_endpoints (partner_id, endpoint, due_at, visited_at, pauses, paused_until)
     values ($1, $2, now(), now(), 1, 'infinity')`,
    [partnerId, url],
  )
  await fillTables(stage, DRAINED, { partnerId })
  await untilThereAre(stage, partnerId, 'pending')

  const roots = { gateway: stage.gateway.pid, postgres: stage.postgresPid }
  const start = sampleCpu(roots)
  await stage.database.query(
    'update notification_endpoints set pauses = 0, paused_until = null where partner_id = $1',
    [partnerId],
  )
  await untilThereAre(stage, partnerId, 'delivered')
  const end = sampleCpu(roots)
  const spent = (name: string) =>
    ((end.parts[name] ?? Number.NaN) - (start.parts[name] ?? Number.NaN)) / DRAINED
  console.error(`drained: ${count + 1}`)
  return {
    perSecond: DRAINED / ((end.at - start.at) / 1000),
    gatewayCpuMs: spent('gateway'),
    postgresCpuMs: spent('postgres'),
  }
}

async function addPartner(
  stage: Stage,
  urls: readonly { readonly purpose: 'notification' | 'token'; readonly url: string }[],
): Promise<string> {
  const partners = openPartners(readConfig(stage.environment))
  try {
    const { partnerId } = await partners.create({ name: 'Told', publicKeyPem: stage.publicKeyPem })
    await partners.change(partnerId, { urls })
    return partnerId
  } finally {
    await partners.close()
  }
}

/** Of each filled payment a notification that is due, to a place where nobody is. */
async function waitInVain(stage: Stage, partnerId: string): Promise<void> {
  const partners = openPartners(readConfig(stage.environment))
  await partners
    .change(partnerId, { urls: [{ purpose: 'notification', url: DEAD_URL }] })
    .finally(() => partners.close())
  await stage.database.query(
    `with dead as (
       insert into notification_endpoints (partner_id, endpoint, due_at, visited_at) values ($1, $2, now(), now()))
     insert into notifications (partner_id, reference_no, sequence, kind, subject_no, url, endpoint, state, next_attempt_at,
       due_at, created_at)
     select partner_id, reference_no, 1, 'payment', reference_no, $3, $2, 'pending', now(), now(), now()
       from payments where partner_id = $1`,
    [partnerId, new URL(DEAD_URL).origin, DEAD_URL],
  )
}

async function untilThereAre(stage: Stage, partnerId: string, state: string): Promise<void> {
  const until = Date.now() + PATIENCE_MS
  for (;;) {
    const { rows } = await stage.database.query<{ count: string }>(
      'select count(*) from notifications where partner_id = $1 and state = $2',
      [partnerId, state],
    )
    if (Number(rows[0]?.count) >= DRAINED) return
    if (Date.now() > until) throw new Error(`only ${rows[0]?.count} notifications are ${state}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function printDrains(drains: readonly Drain[]): void {
  const rows = [
    [
      'notifications/s',
      ...spreadCells(
        drains.map((one) => one.perSecond),
        0,
      ),
    ],
    [
      'gateway CPU ms/notification',
      ...spreadCells(
        drains.map((one) => one.gatewayCpuMs),
        3,
      ),
    ],
    [
      'PostgreSQL CPU ms/notification',
      ...spreadCells(
        drains.map((one) => one.postgresCpuMs),
        3,
      ),
    ],
  ]
  console.log(`\n${tableOf([`${figure(DRAINED, 0)} to one fast endpoint`, 'median', 'min–max'], rows)}`)
  const isMet = spreadOf(drains.map((one) => one.perSecond)).median >= DRAIN_TARGET
  console.log(`\n${isMet ? 'met    ' : 'MISSED '} at least ${figure(DRAIN_TARGET, 0)} notifications/s`)
}

function printSlowDown(without: readonly Figures[], beside: readonly Figures[]): void {
  const line = (name: string, figures: readonly Figures[]) => [
    name,
    figure(spreadOf(figures.map((one) => one.paymentsPerSecond)).median, 0),
    figure(spreadOf(figures.map((one) => one.p99Ms)).median, 1),
    figure(spreadOf(figures.map((one) => one.gatewayCpuMs)).median, 3),
    figure(spreadOf(figures.map((one) => one.postgresCpuMs)).median, 3),
    figure(spreadOf(figures.map((one) => one.othersCores)).median, 2),
  ]
  const head = [
    'pending in vain',
    'payments/s',
    'p99 ms',
    'gateway CPU ms',
    'PostgreSQL CPU ms',
    'other programs, cores',
  ]
  console.log(`\n${tableOf(head, [line('0', without), line(figure(DEAD, 0), beside)])}`)
  const median = (figures: readonly Figures[]) => spreadOf(figures.map((one) => one.paymentsPerSecond)).median
  const slowDown = 1 - median(beside) / median(without)
  console.log(
    `\n${slowDown <= SLOW_DOWN_LIMIT ? 'met    ' : 'MISSED '} slow-down by ${figure(DEAD, 0)} pending at most 10 %: ${figure(slowDown * 100, 1)} %`,
  )
}
