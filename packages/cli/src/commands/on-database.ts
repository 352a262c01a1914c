import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Partners } from '@gerbang/gateway'
import { type CliConfig, type Environment, GATEWAY_ENV_FILE, gatewayEnvironment } from '../config.ts'
import { CommandFailure, EXIT, usageFailure } from '../failure.ts'
import { reasonOf } from '../reason.ts'

type Gateway = typeof import('@gerbang/gateway')
type GatewayConfig = ReturnType<Gateway['readConfig']>

/**
 * Runs what needs the gateway's configuration and its database: the environment's, else the one that `gerbang start`
 * wrote down for this folder.
 * @throws CommandFailure that says which of the two is missing or away, and what to do about it.
 */
export async function onDatabase<Result>(
  config: CliConfig,
  act: (gateway: Gateway, gatewayConfig: GatewayConfig) => Promise<Result>,
): Promise<Result> {
  const environment = gatewayEnvironment(config)
  const gateway = await import('@gerbang/gateway')
  const gatewayConfig = configured(config, environment, gateway)
  try {
    return await act(gateway, gatewayConfig)
  } catch (error) {
    throw (error instanceof Error && databaseFailure(config, environment, error)) || error
  }
}

/** The reader lists every fault of the configuration in one error; to the shell that is a usage mistake. */
function configured(config: CliConfig, environment: Environment, gateway: Gateway): GatewayConfig {
  const file = join(config.home, GATEWAY_ENV_FILE)
  if (environment.DATABASE_URL === undefined && existsSync(file)) {
    throw usageFailure(
      `DATABASE_URL is missing. \`gerbang start\` of this folder uses the database of its own DATABASE_URL, which it keeps out of ${file}.`,
      'repeat the command with the same DATABASE_URL=postgres://…',
    )
  }
  try {
    return gateway.readConfig(environment)
  } catch (error) {
    throw usageFailure(
      error instanceof Error ? error.message : String(error),
      existsSync(file)
        ? undefined
        : `npx gerbang start (sets everything up here), or set GERBANG_HOME: there is no ${file}`,
    )
  }
}

const UNREACHABLE = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]
/** PostgreSQL's own codes: wrong password, no such user or database, shutting down or starting up. */
const REFUSING = ['28P01', '28000', '3D000', '57P01', '57P03']
const UNDEFINED_TABLE = '42P01'

/** The failure in words when it is the database's, else undefined. */
function databaseFailure(
  config: CliConfig,
  { DATABASE_URL = '' }: Environment,
  error: Error,
): CommandFailure | undefined {
  const code = 'code' in error ? String(error.code) : ''
  if (code === UNDEFINED_TABLE) {
    return new CommandFailure(EXIT.failedCheck, 'The database has no tables of Gerbang yet.', {
      next: 'npx gerbang migrate',
    })
  }
  if (!UNREACHABLE.includes(code) && !REFUSING.includes(code)) return undefined
  const { host } = new URL(DATABASE_URL)
  const isOfStart = (config.environment.DATABASE_URL ?? '') === ''
  if (isOfStart && UNREACHABLE.includes(code)) {
    const what = `The database of ${config.home} does not run (${host}: ${reasonOf(error)})`
    return new CommandFailure(EXIT.unreachable, `${what}: it starts and ends with \`gerbang start\`.`, {
      next: 'npx gerbang start (in another terminal), or set DATABASE_URL to a PostgreSQL of your own',
    })
  }
  return new CommandFailure(EXIT.unreachable, `The database at ${host} cannot be used: ${reasonOf(error)}.`, {
    next: 'check DATABASE_URL',
  })
}

/** The same with the partners of that database open. */
export function withPartners<Result>(
  config: CliConfig,
  act: (partners: Partners, gatewayConfig: GatewayConfig) => Promise<Result>,
): Promise<Result> {
  return onDatabase(config, async (gateway, gatewayConfig) => {
    const partners = gateway.openPartners(gatewayConfig, `cli:${userName()}`)
    const refused = (error: unknown) => {
      throw error instanceof gateway.ChangeRefused ? asFailure(error) : error
    }
    return act(partners, gatewayConfig)
      .catch(refused)
      .finally(() => partners.close())
  })
}

/** What the command line can mend itself is a mistake of usage; a partner that stands otherwise is not. */
function asFailure({ kind, message }: { readonly kind: string; readonly message: string }): CommandFailure {
  if (kind === 'conflict' || kind === 'stale') return new CommandFailure(EXIT.refused, `${message}.`)
  return usageFailure(
    `${message}.`,
    message.startsWith('There is no partner') ? 'npx gerbang partner list' : undefined,
  )
}

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username.slice(0, 60)
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
