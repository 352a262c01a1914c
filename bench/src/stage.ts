import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createDatabase, dropDatabase, startDatabase } from '@gerbang/embedded'
import { migrate, openPartners, readConfig } from '@gerbang/gateway'
import pg from 'pg'
import type { Cleanup } from './cleanup.ts'
import type { Options } from './config.ts'
import type { Disk } from './disk.ts'
import { fetchToken, type Merchant } from './merchant.ts'
import { parentRunning } from './proc.ts'
import { type Part, startPart } from './processes.ts'

/** Everything that is measured, each part in processes of its own. */
export interface Stage {
  readonly databaseUrl: string
  readonly database: pg.Pool
  /** The first process of the server; undefined when it runs elsewhere. */
  readonly postgresPid: number | undefined
  readonly postgresWords: string
  /** Connections that the server leaves for bare clients. */
  readonly bareConnections: number
  readonly gateway: Part
  readonly simulator: Part
  readonly bareHttp: Part
  readonly generator: Part
  /** A partner's server. */
  readonly sink: Part
  /** The gateway's. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A key for partners that are added later. */
  readonly publicKeyPem: string
  readonly merchant: Merchant
  readonly privateKeyPem: string
  readonly accessToken: string
  /** Another partner: the bare client's payments are none that the network should know of. */
  readonly barePartnerId: string
  readonly networkKey: string
  readonly answersFile: string
  /** The same of payments that a bank made. */
  readonly debitAnswersFile: string
}

const OWN_SETTINGS = { max_connections: '400' }
const KEPT_CONNECTIONS = 60
/** One partner sends everything; its requests are counted as anybody's, and none is refused. */
const HIGH_LIMITS = {
  GERBANG_PARTNER_REQUESTS_PER_SECOND: '100000',
  GERBANG_PARTNER_TOKENS_PER_SECOND: '100000',
} as const

export async function openStage(options: Options, disk: Disk, cleanup: Cleanup): Promise<Stage> {
  const { directory } = disk
  const databaseUrl = await openOwnDatabase(options, directory, cleanup)
  const database = new pg.Pool({ connectionString: databaseUrl, max: 4 })
  database.on('error', () => {})
  cleanup.add(() => database.end())

  const start = async (
    name: string,
    args: string[] = [],
    env = options.environment,
    execArgv: string[] = [],
  ) => {
    const part = await startPart({ name, args, env, execArgv, directory })
    cleanup.add(part.stop)
    return part
  }
  const networkKey = randomBytes(16).toString('hex')
  const simulator = await start('simulator', [join(directory, 'simulator'), networkKey])
  const { privateKeyPem, publicKeyPem } = newKeys()
  const signingKeyFile = join(directory, 'signing-key.pem')
  await writeFile(signingKeyFile, privateKeyPem, { mode: 0o600 })
  const environment = {
    ...options.environment,
    DATABASE_URL: databaseUrl,
    // Partners of the benchmark are on this machine.
    GERBANG_MODE: 'demo',
    GERBANG_HOST: '127.0.0.1',
    GERBANG_PORT: '0',
    GERBANG_WORKERS: String(options.workers),
    ...HIGH_LIMITS,
    GERBANG_NETWORK_URL: simulator.ready.url,
    GERBANG_NETWORK_KEY: networkKey,
    GERBANG_SIGNING_KEY_FILE: signingKeyFile,
    GERBANG_CARD_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    GERBANG_LOOKUP_KEY: randomBytes(32).toString('base64'),
  }
  const [merchant, bare] = await addPartners(environment, publicKeyPem)
  const gateway = await start('gateway', [], environment, profiling(options))
  return {
    databaseUrl,
    database,
    ...(await describePostgres(database)),
    gateway,
    simulator,
    bareHttp: await start('bare-http', [String(options.workers)]),
    generator: await start('load'),
    sink: await start('sink'),
    environment,
    publicKeyPem,
    merchant,
    privateKeyPem,
    accessToken: await fetchToken(gateway.ready.url ?? '', merchant.partnerId, privateKeyPem),
    barePartnerId: bare.partnerId,
    networkKey,
    answersFile: join(directory, 'answers'),
    debitAnswersFile: join(directory, 'debit-answers'),
  }
}

function newKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

/** The programs' CPU profiles are written when they end. */
function profiling({ profile }: Options): string[] {
  return profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
}

async function openOwnDatabase(options: Options, directory: string, cleanup: Cleanup): Promise<string> {
  const name = `gerbang_bench_${randomBytes(4).toString('hex')}`
  if (options.databaseUrl !== undefined) {
    const adminUrl = options.databaseUrl
    const url = await createDatabase(adminUrl, name)
    cleanup.add(() => dropDatabase(adminUrl, name))
    return url
  }
  const server = await startDatabase({ directory: join(directory, 'postgres'), settings: OWN_SETTINGS })
  cleanup.add(server.stop)
  return createDatabase(server.url, name)
}

async function addPartners(environment: Readonly<Record<string, string | undefined>>, publicKeyPem: string) {
  const config = readConfig(environment)
  await migrate(config)
  const partners = openPartners(config)
  try {
    return [
      await partners.create({ name: 'Load', publicKeyPem }),
      await partners.create({ partnerId: 'BRN-0000-0000000000000', name: 'Bare client', publicKeyPem }),
    ] as const
  } finally {
    await partners.close()
  }
}

interface ServerRow {
  readonly pid: number
  readonly version: string
  readonly fsync: string
  readonly commit: string
  readonly most: string
}

/** Throws when the server does not keep what it acknowledges: such a figure would mean nothing. */
async function describePostgres(database: pg.Pool) {
  const { rows } = await database.query<ServerRow>(
    `select pg_backend_pid() as pid, current_setting('server_version') as version, current_setting('fsync') as fsync,
            current_setting('synchronous_commit') as commit, current_setting('max_connections') as most`,
  )
  const [row] = rows
  if (row?.fsync !== 'on' || row.commit === 'off')
    throw new Error('the database does not flush: fsync and synchronous_commit must be on')
  return {
    postgresPid: parentRunning(row.pid, 'postgres'),
    postgresWords: `${row.version}, fsync ${row.fsync}, synchronous_commit ${row.commit}`,
    bareConnections: Math.max(1, Number(row.most) - KEPT_CONNECTIONS),
  }
}
