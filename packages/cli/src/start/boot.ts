import { join } from 'node:path'
import { createDatabase } from '@gerbang/embedded'
import type { Environment } from '../config.ts'
import { hasCode } from './files.ts'
import { keepDatabase } from './keep-database.ts'
import type { FirstAnswer, Parts } from './parts.ts'
import { type Listening, waitForPort } from './ports.ts'
import type { Ending, StartConfig } from './start.ts'
import {
  type DemoPartner,
  ensureAdminKey,
  prepareDemoPartner,
  prepareGateway,
  writeDemoPartner,
  writeSettings,
} from './state.ts'
import { type Supervised, superviseChild } from './supervise.ts'

const DATABASE = 'gerbang'

export interface Boot {
  config: StartConfig
  parts: Parts
  tell: (line: string) => void
  /** Everything begun is added here before it can fail, so that whoever gives up can end it. */
  endings: Ending[]
  wanted: AbortSignal
}

export interface Booted {
  gatewayUrl: string
  simulatorUrl: string
  partner: DemoPartner
  /** Whether the admin API takes the key that lies in the folder. */
  hasOwnAdminKey: boolean
  answer: FirstAnswer | Error
}

/** Brings everything up; what does not depend on each other at the same time. */
export async function boot(context: Boot): Promise<Booted> {
  const { config, parts, wanted } = context
  await Promise.all(ports(config).map((port) => waitForPort(port, wanted)))
  const settings = await prepareGateway(config.home)
  wanted.throwIfAborted()

  const simulator = beginSimulator(context, settings)
  // Its failure is met below, where it is waited for; until then it must not count as unheard.
  simulator.catch(() => {})
  const networkUrl =
    config.simulatorPort === 0 ? await simulator : urlOf(config.simulatorHost, config.simulatorPort)
  const [databaseUrl, partner] = await Promise.all([beginDatabase(context), prepareDemoPartner(config.home)])
  const where = {
    DATABASE_URL: databaseUrl,
    GERBANG_NETWORK_URL: networkUrl,
    GERBANG_LISTEN_PORT: String(config.listenPort),
  }
  await writeSettings(config.home, {
    ...settings,
    ...where,
    ...(config.databaseUrl ? { DATABASE_URL: '' } : {}),
  })
  wanted.throwIfAborted()

  const adminKeys = { GERBANG_ADMIN_KEYS: `demo:${await ensureAdminKey(config.home)}` }
  const environment = gatewayEnvironment(config, { ...adminKeys, ...settings, ...where })
  const gateway = beginGateway(context, environment)
  const [gatewayUrl, simulatorUrl] = await Promise.all([
    gateway,
    simulator,
    parts.registerPartner({
      environment,
      partner,
      publicKeyFile: join(config.home, partner.publicKeyFile),
      listenPort: config.listenPort,
      earlierListenPort: settings.GERBANG_LISTEN_PORT ? Number(settings.GERBANG_LISTEN_PORT) : undefined,
      migrated: gateway,
    }),
  ])
  wanted.throwIfAborted()
  const reachable = { ...partner, baseUrl: gatewayUrl }
  await writeDemoPartner(config.home, reachable)
  const answer = await parts.pay(reachable, join(config.home, partner.privateKeyFile)).catch(asError)
  const hasOwnAdminKey = environment.GERBANG_ADMIN_KEYS === adminKeys.GERBANG_ADMIN_KEYS
  return { gatewayUrl, simulatorUrl, partner: reachable, hasOwnAdminKey, answer }
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function adminHostOf({ environment }: StartConfig): string {
  return environment.GERBANG_ADMIN_HOST || '127.0.0.1'
}

/** Undefined where only the log knows the port. */
export function adminUrlOf(config: StartConfig): string | undefined {
  return config.adminPort === 0 ? undefined : urlOf(adminHostOf(config), config.adminPort)
}

function ports(config: StartConfig): Listening[] {
  return [
    { host: config.host, port: config.port, setting: 'GERBANG_PORT' },
    { host: adminHostOf(config), port: config.adminPort, setting: 'GERBANG_ADMIN_PORT' },
    { host: config.simulatorHost, port: config.simulatorPort, setting: 'SIMULATOR_PORT' },
  ]
}

/** The external database when one is given, else a database of our own below the home. */
async function beginDatabase({ config, tell, endings }: Boot): Promise<string> {
  if (config.databaseUrl !== undefined) return config.databaseUrl
  const database = keepDatabase(config.home, tell)
  endings.push(database.stop)
  const { url } = await database.started
  return createDatabase(url, DATABASE).catch((error: unknown) => {
    if (!hasCode(error, '42P04')) throw error
    return Object.assign(new URL(url), { pathname: `/${DATABASE}` }).href
  })
}

function beginSimulator(context: Boot, settings: Record<string, string>): Promise<string> {
  const { config, parts } = context
  const environment = {
    ...config.environment,
    SIMULATOR_HOST: config.simulatorHost,
    SIMULATOR_PORT: String(config.simulatorPort),
    SIMULATOR_DIRECTORY: join(config.home, 'simulator'),
    SIMULATOR_NETWORK_KEY: config.environment.GERBANG_NETWORK_KEY || settings.GERBANG_NETWORK_KEY,
    GERBANG_CLOCK_FILE: settings.GERBANG_CLOCK_FILE,
  }
  return beginChild(context, { name: 'simulator', args: parts.simulate, environment })
}

function beginGateway(context: Boot, environment: Environment): Promise<string> {
  return beginChild(context, { name: 'gateway', args: context.parts.serve, environment })
}

function beginChild(
  { config, tell, endings }: Boot,
  child: { name: string; args: readonly string[]; environment: Environment },
): Promise<string> {
  const logFile = join(config.home, 'logs', `${child.name}.log`)
  const supervised: Supervised<string> = superviseChild({ ...child, logFile }, tell)
  endings.push(supervised.stop)
  return supervised.started
}

/** The listener of a demo comes and goes by hand: who starts it is not to wait a minute for the first line. */
const DEMO_DEFAULTS = { GERBANG_NOTIFY_LONGEST_PAUSE_MS: '1000' } as const

/** The keys of `gateway.env` beneath, the caller's environment above, and on top what only we know. */
function gatewayEnvironment(config: StartConfig, settings: Record<string, string>): Environment {
  const given = Object.entries(config.environment).filter(([, value]) => value !== undefined && value !== '')
  return {
    ...DEMO_DEFAULTS,
    ...settings,
    ...Object.fromEntries(given),
    DATABASE_URL: settings.DATABASE_URL,
    GERBANG_NETWORK_URL: settings.GERBANG_NETWORK_URL,
    GERBANG_MODE: settings.GERBANG_MODE,
    GERBANG_CLOCK_FILE: settings.GERBANG_CLOCK_FILE,
    GERBANG_HOME: config.home,
    GERBANG_HOST: config.host,
    GERBANG_PORT: String(config.port),
    GERBANG_ADMIN_PORT: String(config.adminPort),
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
