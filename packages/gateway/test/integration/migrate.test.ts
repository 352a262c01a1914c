import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { createDatabase, dropDatabase } from '@gerbang/embedded'
import pg from 'pg'
import { migrateDatabase } from '../../src/database/migrate.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

async function withDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const name = `gerbang_migrate_${process.hrtime.bigint()}`
  const admin = new URL(stage.databaseUrl)
  admin.pathname = '/postgres'
  const url = await createDatabase(admin.href, name)
  await work(url).finally(() => dropDatabase(admin.href, name))
}

async function tablesOf(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1",
  )
  await client.end()
  return rows.map(({ name }) => name)
}

test('a second migration changes nothing', () =>
  withDatabase(async (url) => {
    const applied = await migrateDatabase(url)
    assert.ok(applied.length >= 4)
    assert.deepEqual(applied, applied.toSorted())
    const tables = await tablesOf(url)
    assert.deepEqual(await migrateDatabase(url), [])
    assert.deepEqual(await tablesOf(url), tables)
  }))

test('four processes that migrate at once apply each migration once', () =>
  withDatabase(async (url) => {
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrateDatabase(url)))
    assert.equal(applied.filter((names) => names.length > 0).length, 1)
    assert.ok((await tablesOf(url)).includes('payments'))
  }))

const MIGRATIONS = new URL('../../../migrations/', import.meta.url)

/** The schema as it was before one migration. */
async function migrateUpTo(client: pg.Client, wanted: string): Promise<void> {
  const names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort()
  await client.query(
    'create table migrations (name text primary key, applied_at timestamptz not null default now())',
  )
  for (const name of names.slice(0, names.indexOf(wanted))) {
    await client.query(await readFile(new URL(name, MIGRATIONS), 'utf8'))
    await client.query('insert into migrations (name) values ($1)', [name])
  }
}

test('partners of an earlier version keep their keys, and may do what they could', () =>
  withDatabase(async (url) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await migrateUpTo(client, '0015-partner-administration.sql')
    await client.query(
      `insert into partners (partner_id, name, public_key_pem, secret_sealed, shared_key_sealed, created_at)
       values ('one', 'One', 'pem', 'k1.secret', 'k1.shared', '2026-01-02'), ('two', 'Two', 'pem', 'k1.other', null, '2026-01-03')`,
    )
    assert.ok((await migrateDatabase(url)).includes('0015-partner-administration.sql'))
    const { rows } = await client.query(
      `select partner_id, key_id, public_key_pem pem, secret_sealed sealed, valid_until until, created_at::date::text since
         from partner_keys order by partner_id, key_id`,
    )
    await client.end()
    assert.deepEqual(rows, [
      { partner_id: 'one', key_id: 'public-1', pem: 'pem', sealed: null, until: null, since: '2026-01-02' },
      {
        partner_id: 'one',
        key_id: 'secret-1',
        pem: null,
        sealed: 'k1.secret',
        until: null,
        since: '2026-01-02',
      },
      {
        partner_id: 'one',
        key_id: 'shared-1',
        pem: null,
        sealed: 'k1.shared',
        until: null,
        since: '2026-01-02',
      },
      { partner_id: 'two', key_id: 'public-1', pem: 'pem', sealed: null, until: null, since: '2026-01-03' },
      {
        partner_id: 'two',
        key_id: 'secret-1',
        pem: null,
        sealed: 'k1.other',
        until: null,
        since: '2026-01-03',
      },
    ])
  }))
