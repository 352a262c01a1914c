import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { type OwnServer, openServer } from '../fault/own-server.ts'
import { type Answer, send } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let server: OwnServer
let stage: Stage
before(async () => {
  server = await openServer()
  stage = await openStage({ adminUrl: server.url })
})
after(async () => {
  server.thaw()
  await stage.close()
  await server.close()
})

const ready = (url = stage.url): Promise<Answer> => send(url, 'GET /readyz', {}, '')

/** Sessions that are open keep what they began with. */
async function setReadOnly(value: 'on' | 'off'): Promise<void> {
  const name = new URL(stage.databaseUrl).pathname.slice(1)
  await stage.query(
    `begin read write; alter database ${name} set default_transaction_read_only = ${value}; commit`,
  )
}

test('a gateway whose database is read-only is not ready, and is again when it may write', async () => {
  await setReadOnly('on')
  const { url } = await stage.openAnother()
  const { status, body } = await ready(url)
  assert.deepEqual([status, body], [503, { status: 'the database is read-only' }])
  assert.equal((await send(url, 'GET /healthz', {}, '')).status, 200)
  await setReadOnly('off')
  const { url: writable } = await stage.openAnother()
  assert.equal((await ready(writable)).status, 200)
})

test('a database that hangs is told of within two seconds', async () => {
  assert.equal((await ready()).status, 200)
  server.freeze()
  const begun = performance.now()
  const { status, body } = await ready().finally(() => server.thaw())
  assert.deepEqual([status, body], [503, { status: 'the database does not answer' }])
  assert.ok(performance.now() - begun < 6_000, 'an orchestrator’s patience')
  assert.equal((await ready()).status, 200)
})

test('a database that hangs is asked once, however many want to know', async () => {
  const holder = new pg.Client({ connectionString: stage.databaseUrl })
  await holder.connect()
  await holder.query('begin; lock table partners')
  const asked = Promise.all(Array.from({ length: 50 }, () => ready()))
  await wait(500)
  const [waiting] = await stage.query<{ count: number }>(
    "select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and query like '%transaction_read_only%'",
  )
  assert.equal(waiting?.count, 1)
  for (const { status } of await asked) assert.equal(status, 503)
  await holder.end()
})

test('a database without tables is not ready for payments', async () => {
  const elsewhere = new URL(stage.databaseUrl)
  elsewhere.pathname = '/postgres'
  const { url } = await stage.openAnother({}, { DATABASE_URL: elsewhere.href })
  assert.equal((await ready(url)).status, 503)
})
