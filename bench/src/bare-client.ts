import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { LANE_SETTINGS, Lane } from './gateway-parts.ts'
import { sampleCpu } from './proc.ts'
import { type Call, fillCall, type Template } from './template.ts'

export interface BareOrder {
  readonly url: string
  readonly template: Template
  /** Loops that each make one payment after the other. */
  readonly loops: number
  readonly warmUpMs: number
  readonly measuredMs: number
  readonly postgresPid: number | undefined
}

export interface BareReport {
  readonly paymentsPerSecond: number
  readonly postgresCpuMsPerPayment: number
}

/** The lanes' plans, without their impatience: sixty clients wait for each other longer than two lanes do. */
const BARE_SETTINGS = `${LANE_SETTINGS} -c lock_timeout=0`

type Send = (call: Call, key: string) => Promise<unknown>
let count = 0

/** Claim and settle, one prepared statement each, on as many plain connections as there are loops: no HTTP, no network. */
export async function driveBareClients(order: BareOrder): Promise<BareReport> {
  const clients = await Promise.all(
    Array.from({ length: order.loops }, async () => {
      const client = new pg.Client({ connectionString: order.url, options: BARE_SETTINGS })
      await client.connect()
      return client
    }),
  )
  const sends = clients.map((client): Send => {
    return ({ shared, statement, values }) =>
      client.query({ ...statement, values: [...shared, ...values.map((value) => [value])] })
  })
  return drive(order, sends).finally(() => Promise.all(clients.map((client) => client.end())))
}

/** The same statements on the gateway's lanes, which commit together what arrives together. */
export async function driveLanes(
  order: BareOrder,
  settings: { lanes: number; batchSize: number },
): Promise<BareReport> {
  const { claim, settle } = order.template
  const lanes = Array.from(
    { length: settings.lanes },
    () =>
      new Lane({
        url: order.url,
        statements: [claim.statement, settle.statement],
        batchSize: settings.batchSize,
        queueSize: 10_000,
        stuckMs: 10_000,
      }),
  )
  const sends = Array.from({ length: order.loops }, (_, index): Send => {
    const lane = lanes[index % lanes.length]
    return async ({ shared, statement, values }, key) =>
      lane?.call(statement, values, { shared, key, timeoutMs: 10_000 })
  })
  return drive(order, sends).finally(() => Promise.all(lanes.map((lane) => lane.close())))
}

async function drive(order: BareOrder, sends: readonly Send[]): Promise<BareReport> {
  let isOver = false
  let paid = 0
  const loop = async (send: Send) => {
    while (!isOver) {
      count++
      const scatter = randomBytes(16).toString('hex')
      await send(fillCall(order.template.claim, count, scatter), scatter)
      await send(fillCall(order.template.settle, count, scatter), scatter)
      paid++
    }
  }
  const loops = Promise.all(sends.map(loop))
  const measure = async () => {
    await pause(order.warmUpMs)
    const before = { ...sampleCpu({ postgres: order.postgresPid }), paid }
    await pause(order.measuredMs)
    const after = { ...sampleCpu({ postgres: order.postgresPid }), paid }
    isOver = true
    const payments = after.paid - before.paid
    return {
      paymentsPerSecond: (payments / (after.at - before.at)) * 1000,
      postgresCpuMsPerPayment:
        ((after.parts.postgres ?? Number.NaN) - (before.parts.postgres ?? Number.NaN)) / payments,
    }
  }
  const [report] = await Promise.all([measure(), loops]).finally(() => {
    isOver = true
  })
  return report
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
