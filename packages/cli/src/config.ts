import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CLI_SETTINGS, type CliSettingName } from './settings.ts'

/** An environment: `process.env`, or an object in tests. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What the command line knows of its surroundings. Read once, frozen. */
export interface CliConfig {
  /** Where commands keep their files: GERBANG_HOME, or `.gerbang` in the working directory. Absolute. */
  readonly home: string
  readonly cwd: string
  readonly databaseUrl?: string
  readonly host: string
  readonly port: number
  readonly adminPort: number
  readonly simulatorHost: string
  readonly simulatorPort: number
  readonly listenPort: number
  /** The partner's own side of the wire: `pay` and `status`. */
  readonly baseUrl?: string
  readonly clientId?: string
  readonly clientSecret?: string
  readonly privateKeyFile?: string
  readonly gatewayPublicKeyFile?: string
  readonly colour: boolean
  /** The environment to hand on to child processes and to the gateway's and the simulator's own readers. */
  readonly environment: Environment
}

/** The file that `gerbang start` writes and that `serve`, `migrate` and `partner` read beneath the environment. */
export const GATEWAY_ENV_FILE = 'gateway.env'

/** The credentials that `gerbang start` writes and that `pay` and `status` use. */
export const DEMO_PARTNER_FILE = 'demo-partner.json'

/**
 * Reads the environment of the command line.
 * @throws Error that lists every faulty value at once.
 */
export function readCliConfig(env: Environment = process.env, cwd: string = process.cwd()): CliConfig {
  const faults: string[] = []
  const config: CliConfig = {
    home: resolve(cwd, text(env, 'GERBANG_HOME')),
    cwd,
    host: text(env, 'GERBANG_HOST'),
    port: readPort(env, 'GERBANG_PORT', faults),
    adminPort: readPort(env, 'GERBANG_ADMIN_PORT', faults),
    simulatorHost: text(env, 'SIMULATOR_HOST'),
    simulatorPort: readPort(env, 'SIMULATOR_PORT', faults),
    listenPort: readPort(env, 'GERBANG_LISTEN_PORT', faults),
    ...optional('databaseUrl', given(env, 'DATABASE_URL')),
    ...optional('baseUrl', given(env, 'GERBANG_BASE_URL')),
    ...optional('clientId', given(env, 'GERBANG_CLIENT_ID')),
    ...optional('clientSecret', given(env, 'GERBANG_CLIENT_SECRET')),
    ...optional('privateKeyFile', given(env, 'GERBANG_PRIVATE_KEY_FILE')),
    ...optional('gatewayPublicKeyFile', given(env, 'GERBANG_GATEWAY_PUBLIC_KEY_FILE')),
    colour: given(env, 'NO_COLOR') === undefined && given(env, 'CI') === undefined,
    environment: env,
  }
  if (faults.length > 0) throw new Error(`Configuration:\n  ${faults.join('\n  ')}`)
  return Object.freeze(config)
}

/**
 * The environment of the gateway: `.gerbang/gateway.env` beneath, the process's own values above.
 * The file holds keys, so it is refused when others may read it.
 */
export function gatewayEnvironment(config: CliConfig): Environment {
  const file = join(config.home, GATEWAY_ENV_FILE)
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return config.environment
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
    throw new Error(`${file} holds keys but others may read it. Run: chmod 600 ${file}`)
  }
  return { ...parseEnvFile(readFileSync(file, 'utf8')), ...withoutEmpty(config.environment) }
}

/** The environment of the simulator: where this command line would put it, beneath its own SIMULATOR_… names. */
export function simulatorEnvironment(config: CliConfig): Environment {
  const own: { readonly [Name in CliSettingName]?: string } = {
    SIMULATOR_HOST: config.simulatorHost,
    SIMULATOR_PORT: String(config.simulatorPort),
    SIMULATOR_DIRECTORY: join(config.home, 'simulator'),
  }
  return { ...own, ...withoutEmpty(config.environment) }
}

/** KEY=value lines. Everything after the first `=` is the value, as it stands; `#` starts a comment line. */
export function parseEnvFile(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes('=') && !line.trimStart().startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=')
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()]
    }),
  )
}

function given(env: Environment, name: CliSettingName): string | undefined {
  const value = env[name]
  return value === undefined || value === '' ? undefined : value
}

/** The settings that the table gives a value when the environment does not. */
type Fallible = {
  [Name in CliSettingName]: (typeof CLI_SETTINGS)[Name] extends { fallback: string } ? Name : never
}[CliSettingName]

function text(env: Environment, name: Fallible): string {
  return given(env, name) ?? CLI_SETTINGS[name].fallback
}

function readPort(env: Environment, name: Fallible, faults: string[]): number {
  const digits = text(env, name)
  const port = Number(digits)
  if (!/^\d+$/.test(digits) || port > 65_535) faults.push(`${name} must be a whole number from 0 to 65535`)
  return port
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
}

function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
}
