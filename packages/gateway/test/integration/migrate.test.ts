import assert from 'node:assert/strict'
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
