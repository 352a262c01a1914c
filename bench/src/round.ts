import { type BareReport, driveBareClients, driveLanes } from './bare-client.ts'
import type { Options } from './config.ts'
import { type LoadReport, putLoad } from './load.ts'
import { CARD_SOURCE, type Source } from './merchant.ts'
import type { Stage } from './stage.ts'
import type { Template } from './template.ts'

/** What one round measured, each per payment or per second. */
export interface Figures {
  readonly paymentsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly gatewayCpuMs: number
  readonly postgresCpuMs: number
  readonly simulatorCpuMs: number
  readonly generatorCpuMs: number
  /** CPU of everything else on the machine, in cores. */
  readonly othersCores: number
  /** All of it, in cores. */
  readonly busyCores: number
  readonly refusals: Readonly<Record<string, number>>
}

export interface Round {
  readonly ours: Figures
  readonly bareClient: BareReport
  readonly lanes: BareReport
  readonly bareHttpPerSecond: number
}

const WARM_UP_MS = 700
const FIRST_WARM_UP_MS = 3000
const BARE_WARM_UP_MS = 300
const BARE_MEASURED_MS = 1500
/** Loops of the bare client: more gain nothing. */
export const BARE_LOOPS = 64
/** Signed ahead of a first round, in payments a second; later rounds of the same sources know the rate. */
const GUESSED_RATE = 6000

export interface Rounds {
  measureOurs(connections: number, sources?: readonly Source[]): Promise<Figures>
  measureBareClient(loops: number): Promise<BareReport>
  /** Ours and all its limits, one after the other on the same machine within seconds. */
  measureAll(connections: number): Promise<Round>
}

export function openRounds(stage: Stage, options: Options, template: Template): Rounds {
  const measuredMs = options.seconds * 1000
  const rates = new Map<readonly Source[], number>()
  let isWarm = false
  const roots = {
    gateway: stage.gateway.pid,
    postgres: stage.postgresPid,
    simulator: stage.simulator.pid,
    generator: stage.generator.pid,
  }
  const load = { merchant: stage.merchant, accessToken: stage.accessToken, roots, sources: [CARD_SOURCE] }
  const bare = { url: stage.databaseUrl, template, postgresPid: stage.postgresPid, warmUpMs: BARE_WARM_UP_MS }

  const measureOurs = async (connections: number, sources: readonly Source[] = load.sources) => {
    const warmUpMs = isWarm ? WARM_UP_MS : FIRST_WARM_UP_MS
    const report = await putLoad(stage.generator, {
      ...load,
      sources,
      url: stage.gateway.ready.url ?? '',
      connections,
      warmUpMs,
      measuredMs,
      payments: Math.ceil(((rates.get(sources) ?? GUESSED_RATE) * 1.2 * (warmUpMs + measuredMs)) / 1000),
      isDistinct: true,
      answersFile: sources[0]?.customer === undefined ? stage.answersFile : stage.debitAnswersFile,
    })
    isWarm = true
    const figures = figuresOf(report)
    rates.set(sources, Math.max(500, figures.paymentsPerSecond))
    return figures
  }
  const measureBareClient = (loops: number) =>
    driveBareClients({ ...bare, loops: Math.min(loops, stage.bareConnections), measuredMs: BARE_MEASURED_MS })

  return {
    measureOurs,
    measureBareClient,
    async measureAll(connections) {
      return {
        ours: await measureOurs(connections),
        bareClient: await measureBareClient(BARE_LOOPS),
        lanes: await driveLanes(
          { ...bare, loops: connections, measuredMs: BARE_MEASURED_MS },
          { lanes: options.workers, batchSize: 64 },
        ),
        bareHttpPerSecond: await measureBareHttp(stage, load, connections),
      }
    },
  }
}

async function measureBareHttp(
  stage: Stage,
  load: Pick<Parameters<typeof putLoad>[1], 'merchant' | 'accessToken' | 'roots' | 'sources'>,
  connections: number,
): Promise<number> {
  const report = await putLoad(stage.generator, {
    ...load,
    url: stage.bareHttp.ready.url ?? '',
    connections,
    warmUpMs: WARM_UP_MS,
    measuredMs: BARE_MEASURED_MS,
    payments: 2000,
    isDistinct: false,
    answersFile: undefined,
  })
  return (report.answered / report.measuredMs) * 1000
}

function figuresOf(report: LoadReport): Figures {
  const { cpuMs, answered, measuredMs } = report
  const part = (name: string) => cpuMs[name] ?? Number.NaN
  const ours = Object.values(cpuMs).reduce((sum, ms) => sum + (Number.isNaN(ms) ? 0 : ms), 0)
  return {
    paymentsPerSecond: (answered / measuredMs) * 1000,
    p50Ms: report.p50Ms,
    p99Ms: report.p99Ms,
    gatewayCpuMs: part('gateway') / answered,
    postgresCpuMs: part('postgres') / answered,
    simulatorCpuMs: part('simulator') / answered,
    generatorCpuMs: part('generator') / answered,
    othersCores: Math.max(0, report.machineMs - ours) / measuredMs,
    busyCores: report.machineMs / measuredMs,
    refusals: report.refusals,
  }
}
