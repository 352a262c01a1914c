import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createDatabase, dropDatabase } from '@gerbang/embedded'
import pg from 'pg'
import { migrateDatabase } from '../../src/database/migrate.ts'
import { keepPartitions } from '../../src/database/partitions.ts'
import { openDatabase } from '../../src/database/pool.ts'
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

test('partitions are made for the days ahead, twice and at once without harm, and old ones are dropped', () =>
  withDatabase(async (url) => {
    await migrateDatabase(url)
    const database = openDatabase({ url, connections: 4, timeoutMs: 10_000 })
    const keep = (today: string) => keepPartitions(database.sql, today, { aheadDays: 2, keepDays: 3 })
    await Promise.all([1, 2, 3].map(() => keep('2026-12-31')))
    const daysOf = async (table: string) =>
      (await tablesOf(url))
        .filter((name) => name.startsWith(`${table}_`))
        .map((name) => name.slice(table.length + 1))
    const days = ['20261230', '20261231', '20270101', '20270102', 'default']
    assert.deepEqual(await daysOf('request_ids'), days)
    assert.deepEqual(await daysOf('outbox'), days)

    await keep('2027-01-04')
    assert.deepEqual(await daysOf('request_ids'), [
      ...['20270101', '20270102', '20270103', '20270104', '20270105', '20270106', 'default'],
    ])
    assert.equal((await daysOf('outbox')).length, 9, 'events are kept until a relay says otherwise')
    await database.close()
  }))

test('a row of a day that nobody prepared lies in the default partition, and is found there also afterwards', async () => {
  const database = openDatabase({ url: stage.databaseUrl, connections: 1, timeoutMs: 5_000 })
  const paid = await stage.merchant.pay()
  await stage.query(
    `insert into request_ids select partner_id, date '2040-01-01', service_code, 'far-away', fingerprint, reference_no,
            reply from request_ids where reference_no = $1`,
    [paid.body.referenceNo],
  )
  const [row] = await stage.query<{ place: string }>(
    "select tableoid::regclass::text as place from request_ids where external_id = 'far-away'",
  )
  assert.equal(row?.place, 'request_ids_default')
  await keepPartitions(database.sql, '2040-01-01', { aheadDays: 1, keepDays: 20_000 })
  const [still] = await stage.query<{ count: number }>(
    "select count(*)::int as count from request_ids where external_id = 'far-away' and request_date = '2040-01-01'",
  )
  assert.equal(still?.count, 1)
  await database.close()
})
