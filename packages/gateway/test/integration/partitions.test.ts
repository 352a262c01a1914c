import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { createDatabase, dropDatabase } from '@gerbang/embedded'
import { wibDate } from '@gerbang/snap'
import { migrateDatabase } from '../../src/database/migrate.ts'
import { addDays, keepPartitions } from '../../src/database/partitions.ts'
import { type Database, openDatabase } from '../../src/database/pool.ts'
import { readOutbox, unreadSeconds } from '../../src/outbox/reader.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

/** Migrated, and without a single partition. */
let bare: Database
let dropBare: () => Promise<void>
beforeEach(async () => {
  const name = `gerbang_partitions_${process.hrtime.bigint()}`
  const admin = new URL(stage.databaseUrl)
  admin.pathname = '/postgres'
  const url = await createDatabase(admin.href, name)
  await migrateDatabase(url)
  bare = openDatabase({ url, connections: 4, timeoutMs: 10_000 })
  dropBare = async () => {
    await bare.close()
    await dropDatabase(admin.href, name)
  }
})
afterEach(() => dropBare())

const today = wibDate(Date.now())
const limits = { aheadDays: 2, keepDays: 3, outboxDays: 5, attemptDays: 4 }
const keep = (day: string) => keepPartitions(bare.sql, day, limits)

/** How the partitions end: days from today, such as -1, or `default`. */
async function partitionsOf(table: string): Promise<readonly (number | string)[]> {
  const rows = await bare.sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = ${table}::regclass order by 1`
  const suffixes = rows.map(({ name }) => name.slice(table.length + 1))
  return suffixes.map((suffix) => (suffix === 'default' ? suffix : daysFromToday(suffix)))
}

function daysFromToday(suffix: string): number {
  const day = suffix.replace(/(....)(..)(..)/, '$1-$2-$3')
  return (Date.parse(day) - Date.parse(today)) / 86_400_000
}

test('partitions are made for the days ahead, twice and at once without harm', async () => {
  await Promise.all([1, 2, 3].map(() => keep(today)))
  await keep(today)
  for (const table of ['request_ids', 'outbox', 'notification_attempts'])
    assert.deepEqual(await partitionsOf(table), [-1, 0, 1, 2, 'default'], table)
})

test('every partition has its parent’s indexes, the outbox one more, and request ids leave room on their pages', async () => {
  await keep(today)
  const rows = await bare.sql<{ parent: string; keys: number; indexes: number; options: string[] | null }>`
    select i.inhparent::regclass::text as parent, c.reloptions as options,
           (select count(*)::int from pg_index x where x.indrelid = c.oid) as indexes,
           (select count(*)::int from pg_index x join pg_inherits k on k.inhrelid = x.indexrelid
             where x.indrelid = c.oid and x.indisprimary and x.indisvalid) as keys
      from pg_inherits i join pg_class c on c.oid = i.inhrelid where c.relkind = 'r'`
  assert.equal(rows.length, 15)
  for (const { parent, keys, indexes, options } of rows) {
    const fill = parent === 'request_ids' ? 50 : 100
    assert.deepEqual(
      { keys, indexes, options },
      { keys: 1, indexes: parent === 'outbox' ? 2 : 1, options: [`fillfactor=${fill}`] },
      parent,
    )
  }
})

test('days beyond those that are kept are dropped, each table by its own limit', async () => {
  await keep(addDays(today, -8))
  await keep(today)
  const kept = [-1, 0, 1, 2, 'default']
  assert.deepEqual(await partitionsOf('request_ids'), kept)
  assert.deepEqual(await partitionsOf('notification_attempts'), kept)
  assert.deepEqual(await partitionsOf('outbox'), kept)
})

const writeEvent = (days: number, referenceNo: string) => bare.sql`
  insert into outbox (partner_id, event_date, reference_no, sequence, type, body, created_at)
  values ('toko', ${addDays(today, days)}::date, ${referenceNo}, 1, 'x.v1', '{}', now())`

test('a day of the outbox that is not read to its end stays, and goes when it is read', async () => {
  await keep(addDays(today, -8))
  await writeEvent(-7, 'in a partition')
  await writeEvent(-20, 'in the default partition')
  await keep(today)
  assert.deepEqual(await partitionsOf('outbox'), [-7, -1, 0, 1, 2, 'default'])
  await bare.sql`update outbox_readers set read_up_to = pg_snapshot_xmax(pg_current_snapshot())`
  await keep(today)
  assert.deepEqual(await partitionsOf('outbox'), [-1, 0, 1, 2, 'default'])
  assert.deepEqual(await bare.sql`select from outbox`, [])
})

test('a day of the outbox from before a restore goes like any other, and is no backlog, once a reader has looked', async () => {
  await keep(addDays(today, -8))
  await writeEvent(-7, 'read before the dump')
  const far = String(10n ** 12n)
  await bare.sql`update outbox set xid = ${far}::xid8`
  await bare.sql`update outbox_readers set read_up_to = ${far}::xid8`
  const look = () => readOutbox(bare.sql, { reader: 'notifications', types: [], most: 10 }, async () => {})
  await look()
  assert.equal(await unreadSeconds(bare.sql, 'notifications', Date.now() + 60_000), 0)
  await keep(today)
  assert.deepEqual(await partitionsOf('outbox'), [-1, 0, 1, 2, 'default'])

  await keep(addDays(today, -8))
  await writeEvent(-7, 'written after it')
  assert.ok((await unreadSeconds(bare.sql, 'notifications', Date.now() + 60_000)) > 0)
  await keep(today)
  assert.deepEqual(await partitionsOf('outbox'), [-7, -1, 0, 1, 2, 'default'])
})

test('request ids of a day that nobody prepared go when their time has come, like all others', async () => {
  await bare.sql`select create_day_partition_v1('request_ids', null)`
  for (const days of [-30, -4, -3, 0, 10])
    await bare.sql`
      insert into request_ids (partner_id, request_date, service_code, external_id, fingerprint, reference_no)
      values ('toko', ${addDays(today, days)}::date, '54', ${String(days)}, sha256('x'), '1')`
  await keep(today)
  const rows = await bare.sql<{
    external_id: string
  }>`select external_id from request_ids order by request_date`
  assert.deepEqual(
    rows.map((row) => row.external_id),
    ['-3', '0', '10'],
  )
})

test('a caller whose clock is a month ahead drops no day that the server’s clock still keeps', async () => {
  await keep(addDays(today, -3))
  await keep(addDays(today, 30))
  const kept = [-3, -2, -1, 29, 30, 31, 32, 'default']
  assert.deepEqual(await partitionsOf('request_ids'), kept)
})

test('a caller whose clock is behind drops no day that it still keeps itself', async () => {
  await keep(addDays(today, -20))
  await keep(addDays(today, -18))
  assert.deepEqual(await partitionsOf('request_ids'), [-21, -20, -19, -18, -17, -16, 'default'])
})

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
  await keepPartitions(database.sql, '2040-01-01', { ...limits, aheadDays: 1 })
  const [still] = await stage.query<{ count: number }>(
    "select count(*)::int as count from request_ids where external_id = 'far-away' and request_date = '2040-01-01'",
  )
  assert.equal(still?.count, 1)
  await database.close()
})
