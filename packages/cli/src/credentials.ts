import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type CliConfig, DEMO_PARTNER_FILE } from './config.ts'
import { usageFailure } from './failure.ts'

/** A partner's side of the wire. In a file: keys as PEM text, or `privateKeyFile` for a file beside it. */
export interface Credentials {
  readonly baseUrl: string
  readonly clientId: string
  readonly clientSecret: string
  /** PEM. */
  readonly privateKey: string
  /** PEM of the gateway's; only who listens to it needs it. In a file also as `gatewayPublicKeyFile`. */
  readonly gatewayPublicKey?: string
}

/**
 * What is known of the credentials: those of `--credentials`, else the environment's above those of
 * `.gerbang/demo-partner.json`.
 */
export function findCredentials(config: CliConfig, file?: string): Partial<Credentials> {
  if (file !== undefined) return { ...fromEnvironment(config), ...fromFile(resolve(config.cwd, file)) }
  const demo = join(config.home, DEMO_PARTNER_FILE)
  return { ...(existsSync(demo) ? fromFile(demo) : {}), ...fromEnvironment(config) }
}

/** @throws CommandFailure that names what is missing and where it is looked for. */
export function needCredentials(config: CliConfig, file?: string): Credentials {
  const { baseUrl, clientId, clientSecret, privateKey, gatewayPublicKey } = findCredentials(config, file)
  if (baseUrl && clientId && clientSecret && privateKey) {
    return { baseUrl, clientId, clientSecret, privateKey, ...(gatewayPublicKey && { gatewayPublicKey }) }
  }
  const missing = Object.entries({
    GERBANG_BASE_URL: baseUrl,
    GERBANG_CLIENT_ID: clientId,
    GERBANG_CLIENT_SECRET: clientSecret,
    GERBANG_PRIVATE_KEY_FILE: privateKey,
  }).filter(([, value]) => value === undefined || value === '')
  throw usageFailure(
    `No complete credentials: ${missing.map(([name]) => name).join(', ')} missing, and ${file ?? join(config.home, DEMO_PARTNER_FILE)} does not hold them.`,
    'npx gerbang start (makes a demo partner), or pass --credentials FILE',
  )
}

function fromEnvironment(config: CliConfig): Partial<Credentials> {
  const { baseUrl, clientId, clientSecret, privateKeyFile, gatewayPublicKeyFile } = config
  const keyIn = (file: string | undefined) =>
    file === undefined ? undefined : readText(resolve(config.cwd, file))
  return dropAbsent({
    baseUrl,
    clientId,
    clientSecret,
    privateKey: keyIn(privateKeyFile),
    gatewayPublicKey: keyIn(gatewayPublicKeyFile),
  })
}

function fromFile(file: string): Partial<Credentials> {
  const held = parse(file)
  const key = (name: string) => {
    const keyFile = text(held[`${name}File`])
    return text(held[name]) ?? (keyFile === undefined ? undefined : readText(resolve(dirname(file), keyFile)))
  }
  return dropAbsent({
    baseUrl: text(held.baseUrl),
    clientId: text(held.clientId),
    clientSecret: text(held.clientSecret),
    privateKey: key('privateKey'),
    gatewayPublicKey: key('gatewayPublicKey'),
  })
}

function parse(file: string): Record<string, unknown> {
  const content = readText(file)
  try {
    const value: unknown = JSON.parse(content)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // The parser's message would quote the text, which holds a secret.
  }
  throw usageFailure(`${file} is not a JSON object with baseUrl, clientId, clientSecret and privateKeyFile.`)
}

/** The text of a file, or of standard input for `-`: so a key gets into a container whose files are read-only. */
export function readInput(cwd: string, file: string): string {
  return file === '-' ? readFileSync(0, 'utf8') : readText(resolve(cwd, file))
}

/** The text of a file. @throws CommandFailure when it cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw usageFailure(`Cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? 'unreadable'}.`)
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function dropAbsent(values: { [K in keyof Credentials]-?: string | undefined }): Partial<Credentials> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
