import { randomBytes, randomInt } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DEMO_PARTNER_FILE, GATEWAY_ENV_FILE, parseEnvFile } from '../config.ts'
import { readOwnFile, replaceFile } from './files.ts'
import { ensureKeyPair, hasPrivateKey } from './key-pair.ts'

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const GATEWAY_PUBLIC_KEY_FILE = 'gateway-public.pem'
/** The admin API's key, alone in its file, so that a command line can take it from there without showing it. */
export const ADMIN_KEY_FILE = 'admin-key'
const HEAD = '# Made by `gerbang start`, which keeps what it finds. Holds keys: never publish it.\n'

/** The secrets the gateway needs, made once: whoever loses them loses the stored cards. */
const SECRETS: Record<string, () => string> = {
  GERBANG_CARD_KEYS: () => `k1:${randomBytes(32).toString('base64')}`,
  GERBANG_LOOKUP_KEY: () => randomBytes(32).toString('base64'),
  GERBANG_NETWORK_KEY: () => randomBytes(24).toString('base64url'),
}

/** The credentials of the partner that comes with a fresh installation; files are relative to the json. */
export interface DemoPartner {
  baseUrl: string
  clientId: string
  clientSecret: string
  privateKeyFile: string
  publicKeyFile: string
  gatewayPublicKeyFile: string
}

/**
 * Makes whatever is missing of the folder's keys and credentials, keeps what is there, and returns the
 * settings of `gateway.env`. Each file is replaced in one step, so a start killed half way is simply continued.
 */
export async function prepareGateway(home: string): Promise<Record<string, string>> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  await keepOutOfGit(home)
  const signing = join(home, 'gateway-private.pem')
  await ensureKeyPair({ privateFile: signing, publicFile: join(home, GATEWAY_PUBLIC_KEY_FILE) })
  const kept = parseEnvFile((await readOwnFile(join(home, GATEWAY_ENV_FILE), 0o600)) ?? '')
  // Somebody has made a live gateway of this folder: it must not become a demo again unseen.
  if (kept.GERBANG_MODE === 'live') {
    throw new Error(
      `${join(home, GATEWAY_ENV_FILE)} says GERBANG_MODE=live, and a start runs a demo: use gerbang serve.`,
    )
  }
  // Partners' secrets are sealed with these keys: with new keys the old partner is of no use.
  if (Object.keys(SECRETS).some((name) => !kept[name]))
    await rm(join(home, DEMO_PARTNER_FILE), { force: true })
  const secrets = Object.entries(SECRETS).map(([name, make]) => [name, kept[name] || make()])
  const settings = {
    ...kept,
    ...Object.fromEntries(secrets),
    GERBANG_SIGNING_KEY_FILE: signing,
    GERBANG_MODE: 'demo',
    GERBANG_CLOCK_FILE: clockFileOf(home),
  }
  await writeSettings(home, settings)
  return settings
}

/** The key of the admin API, made once. */
export async function ensureAdminKey(home: string): Promise<string> {
  const path = join(home, ADMIN_KEY_FILE)
  const known = (await readOwnFile(path, 0o600))?.trim()
  if (known) return known
  const key = randomBytes(32).toString('base64url')
  await replaceFile(path, `${key}\n`, 0o600)
  return key
}

/** Where `gerbang clock` writes what the time is. */
export function clockFileOf(home: string): string {
  return join(home, 'clock.json')
}

/** Records where things are this time, for the commands that read `gateway.env` later. */
export async function writeSettings(home: string, settings: Record<string, string>): Promise<void> {
  const lines = Object.entries(settings)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}\n`)
  const path = join(home, GATEWAY_ENV_FILE)
  const text = HEAD + lines.sort().join('')
  if ((await readOwnFile(path, 0o600)) !== text) await replaceFile(path, text, 0o600)
}

/** The partner of `demo-partner.json`, made when the file or its private key is missing or damaged. */
export async function prepareDemoPartner(home: string): Promise<DemoPartner> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const existing = readPartner((await readOwnFile(join(home, DEMO_PARTNER_FILE), 0o600)) ?? '')
  const isWhole = existing && (await hasPrivateKey(join(home, existing.privateKeyFile)))
  const partner = isWhole ? existing : newPartner()
  await ensureKeyPair({
    privateFile: join(home, partner.privateKeyFile),
    publicFile: join(home, partner.publicKeyFile),
  })
  return partner
}

/** Writes the credentials with the address the gateway has this time. */
export async function writeDemoPartner(home: string, partner: DemoPartner): Promise<void> {
  const path = join(home, DEMO_PARTNER_FILE)
  const text = `${JSON.stringify(partner, null, 2)}\n`
  if ((await readOwnFile(path, 0o600)) !== text) await replaceFile(path, text, 0o600)
}

function newPartner(): DemoPartner {
  const secret = Array.from({ length: 20 }, () => ALPHANUMERIC[randomInt(ALPHANUMERIC.length)]).join('')
  return {
    baseUrl: '',
    clientId: `BRN-${String(randomInt(10_000)).padStart(4, '0')}-${Date.now()}`,
    clientSecret: `SK-${secret}`,
    privateKeyFile: 'demo-partner-private.pem',
    publicKeyFile: 'demo-partner-public.pem',
    gatewayPublicKeyFile: GATEWAY_PUBLIC_KEY_FILE,
  }
}

function readPartner(text: string): DemoPartner | undefined {
  try {
    const found = JSON.parse(text) as Record<string, unknown>
    const isWhole = Object.keys(newPartner()).every((name) => typeof found[name] === 'string')
    return isWhole ? (found as unknown as DemoPartner) : undefined
  } catch {
    return undefined
  }
}

async function keepOutOfGit(home: string): Promise<void> {
  const path = join(home, '.gitignore')
  if ((await readOwnFile(path, 0o644)) === undefined) await replaceFile(path, '*\n', 0o644)
}
