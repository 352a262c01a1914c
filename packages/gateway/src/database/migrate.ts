import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'
import type { Sql } from './pool.ts'

const ROOT = new URL('../../../', import.meta.url)
/** Any number, as long as every process that migrates takes the same one. */
const MIGRATION_LOCK = 4_010_401

/**
 * Brings the database to the present schema. Safe to run from many processes at once and on every start: a lock lets
 * one in, the table `migrations` says what is done, and the functions are replaced as they are named by version.
 * @throws Error in one sentence when a later version of the program has been there; nothing is changed then
 */
export async function migrateDatabase(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'gerbang-migrate' })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await client.query(
      'create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())',
    )
    const { rows } = await client.query<{ name: string }>('select name from migrations')
    const done = new Set(rows.map((row) => row.name))
    const known = await sqlFiles('migrations')
    refuseNewer([...done], new Set(known.map(({ name }) => name)))
    const pending = known.filter(({ name }) => !done.has(name))
    for (const { name, text } of pending) await apply(client, text, name)
    for (const { text } of await sqlFiles('functions')) await apply(client, text)
    return pending.map(({ name }) => name)
  } finally {
    await client.end()
  }
}

/**
 * Whether this program knows the tables as they stand, for whoever changes rows of all of them.
 * @throws Error in one sentence when a later version of the program has been there
 */
export async function expectKnownTables(sql: Sql): Promise<void> {
  const rows = await sql<{ name: string }>`select name from migrations`
  const known = await readdir(new URL('migrations/', ROOT))
  refuseNewer(
    rows.map(({ name }) => name),
    new Set(known),
  )
}

/** What a later version has made of the tables nobody knows here, and money must not be taken on a guess. */
function refuseNewer(done: readonly string[], known: ReadonlySet<string>): void {
  const unknown = done.filter((name) => !known.has(name)).sort()
  if (unknown.length > 0)
    throw new Error(
      `The database is newer than this program, which does not know ${unknown.join(', ')}: start the version that migrated it or a later one, or go back to a backup from before it.`,
    )
}

async function apply(client: pg.Client, text: string, name?: string): Promise<void> {
  await client.query('begin')
  await client.query("set local lock_timeout = '10s'")
  await client.query(text)
  if (name !== undefined) await client.query('insert into migrations (name) values ($1)', [name])
  await client.query('commit')
}

async function sqlFiles(folder: string): Promise<readonly { name: string; text: string }[]> {
  const directory = new URL(`${folder}/`, ROOT)
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(new URL(name, directory), 'utf8') })),
  )
}
