import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { type BodyForm, STRICT_FORMS } from '@gerbang/snap'
import { CHANNELS, type ChannelOptions } from './channels/index.ts'
import type { PartitionLimits } from './database/partitions.ts'
import { Secret } from './secret.ts'
import { SETTINGS, type Setting, type SettingName } from './settings.ts'
import { openVault, type Vault, type VaultKey } from './vault/vault.ts'

type ValueOf<Row extends Setting> = Row extends { kind: 'integer' }
  ? number
  : Row extends { kind: 'secret'; isOptional: true }
    ? Secret | undefined
    : Row extends { kind: 'secret' | 'database' }
      ? Secret
      : Row extends { kind: 'keys' }
        ? readonly VaultKey[]
        : Row extends { kind: 'admin-keys' }
          ? readonly AdminKey[]
          : Row extends { kind: 'key' }
            ? Secret<Buffer>
            : Row extends { kind: 'file' }
              ? Secret
              : Row extends { kind: 'list' }
                ? readonly string[]
                : Row extends { isOptional: true }
                  ? string | undefined
                  : string

export type Config = { readonly [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]> }

/** A bearer key of the admin API, and the name by which the audit log calls whoever has it. */
export interface AdminKey {
  readonly name: string
  readonly key: Secret
}

type Environment = Readonly<Record<string, string | undefined>>
const MOST_WORKERS = 4

/** The configuration from the environment. Throws one Error that lists every fault; values of secrets are not in it. */
export function readConfig(env: Environment = process.env): Config {
  const faults: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(SETTINGS) as [string, Setting][]) {
    const text = env[setting.env] || setting.fallback
    if (text === undefined) {
      if (!setting.isOptional) faults.push(`${setting.env} is missing: ${setting.meaning}`)
      continue
    }
    const value = readValue(setting, text)
    if (value instanceof Fault) faults.push(`${setting.env} ${value.message}`)
    else values[name] = value
  }
  if (values.clockFile !== undefined && values.mode !== 'demo')
    faults.push('GERBANG_CLOCK_FILE is for GERBANG_MODE=demo: nobody sets the clock of a live gateway')
  faults.push(...channelFaults(values))
  if (faults.length > 0) throw new Error(`Configuration:\n  ${faults.join('\n  ')}`)
  return Object.freeze(values) as Config
}

function channelFaults({ channels, channelUrls }: Readonly<Record<string, unknown>>): string[] {
  const known = new Set(CHANNELS.map(({ slug }) => slug))
  const addresses = addressesOf(channelUrls as readonly string[] | undefined)
  const named = {
    [SETTINGS.channels.env]: channels as readonly string[] | undefined,
    [SETTINGS.channelUrls.env]: Object.keys(addresses),
  }
  const bad = Object.entries(addresses).filter(([, url]) => !URL.canParse(url))
  if (bad.length > 0) return bad.map(([slug]) => `${SETTINGS.channelUrls.env} has no URL for ${slug}`)
  return Object.entries(named).flatMap(([env, slugs = []]) =>
    slugs.filter((slug) => !known.has(slug)).map((slug) => `${env} names no channel: ${slug}`),
  )
}

/** Where channels are reached, by slug. */
function addressesOf(items: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(items.map((item) => item.split(/=(.*)/s, 2)))
}

class Fault extends Error {}

const READERS: Record<Setting['kind'], (text: string, setting: Setting) => unknown> = {
  text: (text) => text,
  secret: (text) => new Secret(text),
  database: (text) => (isDatabaseUrl(text) ? new Secret(text) : new Fault('is not a postgres:// URL')),
  integer: readInteger,
  url: (text) =>
    URL.canParse(text) && /^https?:/.test(text) ? text : new Fault('is not an http or https URL'),
  choice: (text, { choices = [] }) =>
    choices.includes(text) ? text : new Fault(`is not one of ${choices.join(', ')}`),
  file: readKeyFile,
  keys: readKeys,
  list: readList,
  'admin-keys': readAdminKeys,
  key: (text) => readKey(text) ?? new Fault('is not base64 of 32 bytes'),
}

function readValue(setting: Setting, text: string): unknown {
  return READERS[setting.kind](text, setting)
}

function readInteger(text: string, { min = 0, max = Number.MAX_SAFE_INTEGER }: Setting): number | Fault {
  const value = Number(text)
  return /^\d{1,15}$/.test(text) && value >= min && value <= max
    ? value
    : new Fault(`is not a whole number from ${min} to ${max}`)
}

function readList(text: string, { pattern, form }: Setting): readonly string[] | Fault {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  return items.every((item) => pattern?.test(item)) ? items : new Fault(`is not a list of ${form}`)
}

function isDatabaseUrl(text: string): boolean {
  return URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)
}

function readKeyFile(path: string): Secret | Fault {
  let pem: string
  try {
    pem = readFileSync(path, 'utf8')
  } catch {
    return new Fault('names a file that cannot be read')
  }
  return isRsaKey(pem)
    ? new Secret(pem)
    : new Fault('names a file without an RSA private key of at least 2048 bits')
}

function isRsaKey(pem: string): boolean {
  try {
    const key = createPrivateKey(pem)
    return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048
  } catch {
    return false
  }
}

function readKeys(text: string): readonly VaultKey[] | Fault {
  const keys: VaultKey[] = []
  for (const part of text.split(',')) {
    const [, id, encoded] = /^([A-Za-z0-9_-]{1,16}):(.+)$/.exec(part.trim()) ?? []
    const key = encoded === undefined ? undefined : readKey(encoded)
    if (id === undefined || key === undefined) return new Fault('is not a list of `id:base64 of 32 bytes`')
    keys.push({ id, key })
  }
  return new Set(keys.map(({ id }) => id)).size === keys.length ? keys : new Fault('names a key id twice')
}

const ADMIN_KEY = /^([A-Za-z0-9._-]{1,32}):([A-Za-z0-9._~+/=-]{32,256})$/
const FEWEST_CHARACTERS = 8

function readAdminKeys(text: string): readonly AdminKey[] | Fault {
  const parts = text.split(',').map((part) => part.trim())
  const keys: AdminKey[] = []
  for (const part of parts.filter((one) => one !== '')) {
    const [, name, key] = ADMIN_KEY.exec(part) ?? []
    // What a person makes up repeats itself; 32 random characters have far more different ones.
    if (name === undefined || key === undefined || new Set(key).size < FEWEST_CHARACTERS)
      return new Fault('is not a list of `name:key` with keys of at least 32 random characters')
    keys.push({ name, key: new Secret(key) })
  }
  const words = keys.flatMap(({ name, key }) => [`name ${name}`, `key ${key.reveal()}`])
  return new Set(words).size < words.length ? new Fault('names a key twice') : keys
}

function readKey(text: string): Secret<Buffer> | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === 32 && bytes.toString('base64') === text ? new Secret(bytes) : undefined
}

export function openConfiguredVault(config: Config): Vault {
  return openVault(config.cardKeys, config.lookupKey)
}

export function workerCount(config: Config): number {
  return config.workers || Math.min(availableParallelism(), MOST_WORKERS)
}

const LIVE_CHANNELS = ['kki']

/** Which channels are opened, and where they are reached. A live gateway opens what it is told to. */
export function channelOptions(config: Config): ChannelOptions {
  const { channels, mode, networkUrl, networkKey, networkConnections } = config
  const byDefault = mode === 'demo' ? undefined : LIVE_CHANNELS
  return {
    opened: channels.length > 0 ? channels : byDefault,
    network: { url: networkUrl, key: networkKey, connections: networkConnections },
    urls: addressesOf(config.channelUrls),
  }
}

/** Undefined means every form. */
export function signatureForms(config: Config): readonly BodyForm[] | undefined {
  return config.signatureForms === 'strict' ? STRICT_FORMS : undefined
}

/** For how many days ahead there are partitions, and for how many back. */
export function partitionLimits(config: Config): PartitionLimits {
  return {
    aheadDays: config.partitionDays,
    keepDays: config.requestIdDays,
    outboxDays: config.outboxDays,
    attemptDays: config.notifyDays,
  }
}
