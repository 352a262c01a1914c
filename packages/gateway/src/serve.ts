import cluster, { type Worker } from 'node:cluster'
import { wibDate } from '@gerbang/snap'
import { systemClock } from './clock.ts'
import { type Config, partitionLimits, workerCount } from './config.ts'
import { migrateDatabase } from './database/migrate.ts'
import { isLockedOut, keepPartitions } from './database/partitions.ts'
import { openDatabase } from './database/pool.ts'
import { askLeader, openGathering } from './http/cluster-metrics.ts'
import { borrowFromLeader, type LoanQuestion, openLending } from './rate-limit/leader.ts'

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const RESTART_MS = 200
const STOP_LIMIT_MS = 15_000
/**
 * Megabytes of each half of the young generation. A request outlives the default sixteen under load, and is then copied and
 * collected at ten times the price: a tenth of a payment's CPU. Costs up to 150 MB a process.
 */
const YOUNG_MB = 64

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
  const today = wibDate(systemClock.now())
  await keepPartitions(database.sql, today, partitionLimits(config)).finally(() => database.close())
}

/** A backup or somebody's open session that holds a table is no reason not to take payments. */
async function leaveToHousekeeping(config: Config, error: unknown): Promise<void> {
  if (!isLockedOut(error)) throw error
  const { openLog } = await import('./http/log.ts')
  const log = openLog({ level: config.logLevel })
  log.fault('partitions', error)
  await log.flush()
}

interface FromWorker extends Partial<LoanQuestion> {
  readonly url?: string
  readonly fault?: string
  readonly metricsFor?: number
}

async function lead(config: Config): Promise<void> {
  const wanted = workerCount(config)
  const [gather, lend] = [openGathering(), openLending()]
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
      gather(worker, message)
      lend(worker, message)
      if (message.url !== undefined && ++ready === wanted) process.send?.({ ready: true, url: message.url })
    })
    // To send to a worker that has just died is an error event, and its exit is what matters.
    cluster.on('fork', (worker) => worker.on('error', () => {}))
    cluster.on('exit', () => {
      if (!isStopping) setTimeout(() => isStopping || cluster.fork(), RESTART_MS)
      else if (workers().length === 0) resolve()
    })
  })
  cluster.setupPrimary({ execArgv: [...process.execArgv, `--max-semi-space-size=${YOUNG_MB}`] })
  for (let count = 0; count < wanted; count++) cluster.fork()
  await stopped.catch((error: unknown) => {
    isStopping = true
    kill('SIGKILL')
    throw error
  })
  if (process.connected) process.disconnect()
}

/** Node may keep for ever a worker in its list that died while a connection was being handed to it. */
function workers(): readonly Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker): worker is Worker => worker?.isDead() === false)
}

function kill(signal: NodeJS.Signals): void {
  for (const worker of workers()) worker.process.kill(signal)
}

async function work(config: Config): Promise<void> {
  try {
    await workUntilStopped(config)
    process.exit(0)
  } catch (error) {
    // At the start this ends everything with its reason; later another process takes the place.
    process.send?.({ fault: (error as Error).message }, () => process.exit(1))
  }
}

async function workUntilStopped(config: Config): Promise<void> {
  // The leading process has no use for the gateway's libraries, and loading them takes longer than all else at start.
  const { openGateway } = await import('./gateway.ts')
  const gateway = await openGateway(config, { readMetrics: askLeader(), lend: borrowFromLeader() })
  const stopped = new Promise<void>((resolve) => {
    for (const signal of STOP_SIGNALS) process.on(signal, resolve)
    process.on('disconnect', resolve)
  })
  await gateway.listenAdmin()
  process.send?.({ url: await gateway.listen() })
  await stopped
  await gateway.close()
}
