import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDatabase, dropDatabase, startDatabase } from '@gerbang/embedded'
import { type Simulator, type SimulatorOptions, startSimulator } from '@gerbang/simulator'
import pg from 'pg'
import { openLog } from '../src/http/log.ts'
import { type Config, type Gateway, openGateway, openPartners, readConfig, type Seams } from '../src/index.ts'
import { migrate } from '../src/serve.ts'
import { Merchant } from './merchant.ts'

/** A gateway on a database of its own, a simulator with a ledger of its own and a partner, over real HTTP. */
export interface Stage {
  readonly gateway: Gateway
  readonly url: string
  readonly simulator: Simulator
  readonly merchant: Merchant
  readonly databaseUrl: string
  readonly config: Config
  readonly logged: string[]
  readonly env: Readonly<Record<string, string>>
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>
  addMerchant(profile?: 'doku' | 'snap', idempotencyProfile?: 'doku' | 'snap'): Promise<Merchant>
  /** Another gateway process-alike on the same database. */
  openAnother(seams?: Seams, env?: Record<string, string>): Promise<{ gateway: Gateway; url: string }>
  close(): Promise<void>
}

export interface StageOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly seams?: Seams
  readonly simulator?: Partial<SimulatorOptions>
  /** A server of the test's own, for tests that stop, freeze or starve it. */
  readonly adminUrl?: string
}

const signingKeys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const partnerKeys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const NETWORK_KEY = 'network-key-of-the-tests'

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'gerbang-stage-'))
  const admin = await openAdmin(directory, options.adminUrl)
  const name = `gerbang_${randomBytes(6).toString('hex')}`
  const databaseUrl = await createDatabase(admin.url, name, { template: admin.template })
  const simulator = await startSimulator({
    port: 0,
    directory,
    networkKey: NETWORK_KEY,
    ...options.simulator,
  })
  const signingKeyFile = join(directory, 'signing-key.pem')
  await writeFile(signingKeyFile, signingKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const env = {
    DATABASE_URL: databaseUrl,
    GERBANG_PORT: '0',
    GERBANG_NETWORK_URL: simulator.url,
    GERBANG_NETWORK_KEY: NETWORK_KEY,
    GERBANG_NETWORK_TIMEOUT_MS: '2000',
    GERBANG_NETWORK_EXPIRY_MS: '2500',
    GERBANG_EXPIRY_MARGIN_MS: '100',
    GERBANG_FIRST_INQUIRY_MS: '100',
    GERBANG_RECONCILE_EVERY_MS: '50',
    GERBANG_SIGNING_KEY_FILE: signingKeyFile,
    GERBANG_CARD_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    GERBANG_LOOKUP_KEY: randomBytes(32).toString('base64'),
    GERBANG_PARTNER_REQUESTS_PER_SECOND: '0',
    GERBANG_PARTNER_TOKENS_PER_SECOND: '0',
    ...options.env,
  }
  const config = readConfig(env)
  await migrate(config)
  const logged: string[] = []
  const log = openLog({ level: 'debug', destination: { write: (line) => void logged.push(line) } })
  const opened: Gateway[] = []
  const open = async (seams: Seams = {}, more: Record<string, string> = {}) => {
    const gateway = await openGateway(readConfig({ ...env, ...more }), { log, ...seams })
    opened.push(gateway)
    return { gateway, url: await gateway.listen() }
  }
  const { gateway, url } = await open(options.seams)
  const client = new pg.Pool({ connectionString: databaseUrl, max: 2 })
  client.on('error', () => {})

  const addMerchant: Stage['addMerchant'] = async (profile = 'doku', idempotencyProfile = profile) => {
    const partners = openPartners(config)
    const publicKeyPem = partnerKeys.publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const partnerId = `BRN-${randomInt(1000, 10_000)}-${randomInt(1e12, 2e12)}`
    const partner = { partnerId, name: 'Toko Uji', publicKeyPem, profile, idempotencyProfile }
    const { clientSecret } = await partners.create(partner)
    await partners.close()
    return new Merchant({ baseUrl: url, partnerId, clientSecret, privateKey: partnerKeys.privateKey })
  }

  return {
    gateway,
    url,
    simulator,
    databaseUrl,
    config,
    logged,
    env,
    addMerchant,
    merchant: await addMerchant(),
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await client.query(text, [...values])).rows as Row[],
    openAnother: open,
    async close() {
      await Promise.all(opened.map((one) => one.close()))
      await simulator.close()
      await client.end()
      await dropDatabase(admin.url, name)
      await admin.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** A server to make databases on, and a migrated one there to copy. */
interface Admin {
  readonly url: string
  readonly template: string | undefined
  close(): Promise<void>
}

/** The tests' PostgreSQL, or one that this file starts for itself when it is run alone. */
async function openAdmin(directory: string, own: string | undefined): Promise<Admin> {
  const { TEST_DATABASE_URL, TEST_DATABASE_TEMPLATE: template } = process.env
  if (own !== undefined) return { url: own, template: undefined, close: async () => {} }
  if (TEST_DATABASE_URL !== undefined) return { url: TEST_DATABASE_URL, template, close: async () => {} }
  const database = await startDatabase({ directory: join(directory, 'postgres') })
  return { url: database.url, template: undefined, close: () => database.stop() }
}
