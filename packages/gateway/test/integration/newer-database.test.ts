import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { migrateDatabase } from '../../src/database/migrate.ts'
import { freePort, type Spawned, spawnGateway } from '../fault/spawned.ts'
import { type Answer, aPayment, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

const LATER = '9999-of-a-later-version.sql'
const REFUSAL = `The database is newer than this program, which does not know ${LATER}: start the version that migrated it or a later one, or go back to a backup from before it.`

let stage: Stage
let running: Spawned
before(async () => {
  stage = await openStage()
  await stage.merchant.token()
  running = await spawn()
})
after(async () => {
  await running?.stop()
  await stage.close()
})

/** Patient with the network: a machine that is busy is no reason for a 202. */
async function spawn(): Promise<Spawned> {
  return spawnGateway({
    ...stage.env,
    GERBANG_WORKERS: '2',
    GERBANG_PORT: String(await freePort()),
    GERBANG_NETWORK_TIMEOUT_MS: '20000',
    GERBANG_NETWORK_EXPIRY_MS: '25000',
  })
}

/** What a later version does when it starts, as an update without a pause has to be: it adds, and takes nothing away. */
async function migrateLater(): Promise<void> {
  for (const statement of [
    'alter table partners add column of_later text',
    "alter table payments add column of_later text not null default 'x'",
    'alter table bindings add column of_later integer',
    'create table of_later (partner_id varchar(64) primary key)',
    `create or replace function unread_of_later_v1() returns integer language sql as 'select 1'`,
    `insert into migrations (name) values ('${LATER}')`,
  ])
    await stage.query(statement)
}

const pay = (): Promise<Answer | undefined> =>
  Promise.race([
    stage.merchant.call(PAYMENT_PATH, aPayment(), { baseUrl: running.url }),
    wait(5_000, undefined, { ref: false }),
  ]).catch(() => wait(50, undefined))

test('a gateway that runs goes on while a later version migrates, and replaces a worker that dies', async () => {
  const pids = running.workerPids()
  const codes: string[] = []
  let isOver = false
  const load = async () => {
    while (!isOver) {
      const answer = await pay()
      if (answer !== undefined) codes.push(answer.body.responseCode)
    }
  }
  const loads = [load(), load(), load()]
  const morePaid = async () => {
    const wanted = codes.length + 20
    for (const until = Date.now() + 60_000; codes.length < wanted; await wait(20))
      assert.ok(Date.now() < until, `${codes.length} of ${wanted} payments`)
  }
  try {
    await morePaid()
    await migrateLater()
    await morePaid()
    assert.deepEqual([...running.workerPids()].sort(), [...pids].sort(), 'nobody died of it')
    running.killWorker(0)
    for (const until = Date.now() + 60_000; Date.now() < until; await wait(50))
      if (running.workerPids().some((pid) => !pids.includes(pid))) break
    await morePaid()
  } finally {
    isOver = true
    await Promise.all(loads)
  }
  assert.equal(running.workerPids().length, 2)
  assert.deepEqual([...new Set(codes)], ['2005400'])
  assert.doesNotMatch(running.printed.join(''), /newer than this program/)
})

test('a gateway that is older than the database does not start and says why, in one sentence', async () => {
  await assert.rejects(spawn, (error: Error) => error.message.includes(REFUSAL))
  assert.equal((await pay())?.status, 200, 'who runs goes on')
})

test('nothing is changed by a program that is older than the database', async () => {
  await stage.query('drop function create_day_partition_v1')
  const count = "select count(*)::integer n from pg_proc where proname = 'create_day_partition_v1'"
  await assert.rejects(() => migrateDatabase(stage.databaseUrl), { message: REFUSAL })
  assert.deepEqual(await stage.query(count), [{ n: 0 }])
  await stage.query('delete from migrations where name = $1', [LATER])
  assert.deepEqual(await migrateDatabase(stage.databaseUrl), [])
  assert.deepEqual(await stage.query(count), [{ n: 1 }])
})
