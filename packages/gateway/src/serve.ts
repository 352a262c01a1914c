import cluster, { type Worker } from 'node:cluster'
import { wibDate } from '@gerbang/snap'
import { AggregatorRegistry } from 'prom-client'
import { systemClock } from './clock.ts'
import { type Config, workerCount } from './config.ts'
import { migrateDatabase } from './database/migrate.ts'
import { isLockedOut, keepPartitions } from './database/partitions.ts'
import { openDatabase } from './database/pool.ts'

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const RESTART_MS = 200
const STOP_LIMIT_MS = 15_000

/**
 * Runs the gateway: migrates, then lets several processes share one port and replaces those that die. Resolves when
 * stopped by a signal or by the end of its parent. Tells a parent `{ ready: true, url }` once every process listens.
 */
export async function serve(config: Config): Promise<void> {
  if (cluster.isWorker) return work(config)
  await migrateDatabase(config.databaseUrl.reveal())
  await makePartitions(config).catch((error: unknown) => leaveToHousekeeping(config, error))
  return lead(config)
}

/** Brings the database to the present schema and makes the partitions of the days ahead. */
export async function migrate(config: Config): Promise<void> {
  await migrateDatabase(config.databaseUrl.reveal())
  await makePartitions(config)
}

async function makePartitions(config: Config): Promise<void> {
  const url = config.databaseUrl.reveal()
  const database = openDatabase({ url, connections: 1, timeoutMs: 30_000 })
  const limits = { aheadDays: config.partitionDays, keepDays: config.requestIdDays }
  await keepPartitions(database.sql, wibDate(systemClock.now()), limits).finally(() => database.close())
}

/** A backup or somebody's open session that holds a table is no reason not to take payments. */
async function leaveToHousekeeping(config: Config, error: unknown): Promise<void> {
  if (!isLockedOut(error)) throw error
  const { openLog } = await import('./http/log.ts')
  const log = openLog({ level: config.logLevel })
  log.fault('partitions', error)
  log.flush()
}

type Aggregator = Pick<AggregatorRegistry<'text/plain; version=0.0.4; charset=utf-8'>, 'clusterMetrics'>

interface FromWorker {
  readonly url?: string
  readonly fault?: string
  readonly metricsFor?: number
}

async function lead(config: Config): Promise<void> {
  const wanted = workerCount(config)
  const aggregator = new AggregatorRegistry()
  let isStopping = false
  let ready = 0

  const stopped = new Promise<void>((resolve, reject) => {
    const stop = () => {
      if (isStopping) return
      isStopping = true
      kill('SIGTERM')
      setTimeout(() => kill('SIGKILL'), STOP_LIMIT_MS).unref()
      if (workers().length === 0) resolve()
    }
    for (const signal of STOP_SIGNALS) process.on(signal, stop)
    process.on('disconnect', stop)

    cluster.on('message', (worker, message: FromWorker) => {
      if (message.fault !== undefined && ready < wanted) reject(new Error(message.fault))
      if (message.metricsFor !== undefined) sendMetrics(aggregator, worker, message.metricsFor)
      if (message.url !== undefined && ++ready === wanted) process.send?.({ ready: true, url: message.url })
    })
    cluster.on('exit', () => {
      if (!isStopping) setTimeout(() => isStopping || cluster.fork(), RESTART_MS)
      else if (workers().length === 0) resolve()
    })
  })
  for (let count = 0; count < wanted; count++) cluster.fork()
  await stopped.catch((error: unknown) => {
    isStopping = true
    kill('SIGKILL')
    throw error
  })
  if (process.connected) process.disconnect()
}

function workers(): readonly Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
}

function kill(signal: NodeJS.Signals): void {
  for (const worker of workers()) worker.process.kill(signal)
}

function sendMetrics(aggregator: Aggregator, worker: Worker, id: number): void {
  aggregator.clusterMetrics().then(
    (text) => worker.isConnected() && worker.send({ metrics: id, text }),
    () => worker.isConnected() && worker.send({ metrics: id, text: '' }),
  )
}

async function work(config: Config): Promise<void> {
  // The leading process has no use for the gateway's libraries, and loading them takes longer than all else at start.
  const { openGateway } = await import('./gateway.ts')
  // Constructed for its listener: it answers when the leading process gathers the figures of all.
  new AggregatorRegistry()
  const gateway = await openGateway(config, { readMetrics: askForMetrics })
  const stopped = new Promise<void>((resolve) => {
    for (const signal of STOP_SIGNALS) process.on(signal, resolve)
    process.on('disconnect', resolve)
  })
  try {
    process.send?.({ url: await gateway.listen() })
  } catch (error) {
    process.send?.({ fault: (error as Error).message })
  }
  await stopped
  await gateway.close()
  process.exit(0)
}

let asked = 0

/** Metrics of all processes, which only the leading one can gather. */
function askForMetrics(): Promise<string> {
  const id = ++asked
  return new Promise((resolve) => {
    const onAnswer = (message: { metrics?: number; text?: string }) => {
      if (message.metrics !== id) return
      process.off('message', onAnswer)
      resolve(message.text ?? '')
    }
    process.on('message', onAnswer)
    process.send?.({ metricsFor: id })
  })
}
