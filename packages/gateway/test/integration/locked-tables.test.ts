import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { wibDate } from '@gerbang/snap'
import pg from 'pg'
import { addDays } from '../../src/database/partitions.ts'
import { type Spawned, spawnGateway } from '../fault/spawned.ts'
import { aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
let holder: pg.Client
let gateway: Spawned
before(async () => {
  stage = await openStage()
  holder = new pg.Client({ connectionString: stage.databaseUrl })
  await holder.connect()
  await stage.merchant.token()
})
after(async () => {
  await holder.end()
  await stage.close()
})
/** As after a night in which nobody prepared anything: not a day from today on has its partition. */
beforeEach(async () => {
  for (const name of await partitions()) await stage.query(`drop table ${name}`)
  await stage.query('truncate request_ids, outbox')
})
afterEach(async () => {
  await holder.query('rollback')
  await gateway.stop()
})

const today = wibDate(Date.now())
const tomorrow = addDays(today, 1).replaceAll('-', '')

async function partitions(): Promise<readonly string[]> {
  const rows = await stage.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits
      where inhparent in ('request_ids'::regclass, 'outbox'::regclass) and inhrelid::regclass::text ~ '[0-9]$' order by 1`,
  )
  return rows.map(({ name }) => name)
}

async function untilThereAre(names: readonly string[]): Promise<void> {
  const until = Date.now() + 15_000
  for (;;) {
    const made = await partitions()
    if (names.every((name) => made.includes(name))) return
    assert.ok(Date.now() < until, `only ${made.join()}`)
    await wait(100)
  }
}

const spawn = async () => {
  gateway = await spawnGateway({ ...stage.env, GERBANG_WORKERS: '1' })
}
const pay = (externalId = newId(), body = aPayment()) =>
  stage.merchant.call(PAYMENT_PATH, body, { externalId, baseUrl: gateway.url })

test('the gateway starts and takes payments while a backup holds the tables, and makes the days when it ends', async () => {
  await holder.query('begin; lock table request_ids, outbox in access share mode')
  await spawn()
  const [externalId, body] = [newId(), aPayment()]
  const paid = await pay(externalId, body)
  assert.equal(paid.body.responseCode, '2005400')
  assert.deepEqual(await partitions(), [], 'the lock held')
  const [place] = await stage.query(
    'select tableoid::regclass::text as name from request_ids where external_id = $1',
    [externalId],
  )
  assert.deepEqual(place, { name: 'request_ids_default' })
  assert.ok(gateway.printed.some((line) => line.includes('"where":"partitions"') && line.includes('55P03')))

  await holder.query('commit')
  await untilThereAre([`outbox_${tomorrow}`, `request_ids_${tomorrow}`])
  const again = await pay(externalId, body)
  assert.deepEqual([again.status, again.text], [409, paid.text], 'the default partition still knows it')
  assert.equal((await pay()).body.responseCode, '2005400')
})

test('whoever reads one table for long keeps no day of the other from being made', async () => {
  await holder.query('begin; lock table outbox in access share mode')
  await spawn()
  await untilThereAre([`request_ids_${tomorrow}`])
  assert.deepEqual(
    (await partitions()).filter((name) => name.startsWith('outbox')),
    [],
  )
})

test('payments wait a moment at most while a day cannot be made', async () => {
  await holder.query('begin; lock table request_ids, outbox in access share mode')
  await spawn()
  const until = Date.now() + 4_000
  let slowest = 0
  while (Date.now() < until) {
    const begun = performance.now()
    assert.equal((await pay()).body.responseCode, '2005400')
    slowest = Math.max(slowest, performance.now() - begun)
  }
  assert.ok(slowest < 3_000, `${Math.round(slowest)} ms`)
})
