import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { DatabaseBusy, DatabaseSilent, Lane, type LaneOptions } from '../../src/database/lane.ts'
import { openStage, type Stage } from '../stage.ts'
import { openWire, type Wire } from './wire.ts'

let stage: Stage
let wire: Wire
let url: string
let client: pg.Client
before(async () => {
  stage = await openStage()
  wire = await openWire()
  const address = new URL(stage.databaseUrl)
  wire.leadTo(Number(address.port))
  address.port = String(wire.port)
  url = address.href
  client = new pg.Client({ connectionString: stage.databaseUrl })
  client.on('error', () => {})
  await client.connect()
  await client.query(`
    create table notes (id serial, key text not null, value int not null check (value >= 0));
    create function note(p_key text, p_value int, p_pause float) returns text language plpgsql as $$
      begin
        perform pg_sleep(p_pause);
        insert into notes (key, value) values (p_key, p_value);
        return 'noted ' || p_value;
      end $$`)
})
after(async () => {
  await client.end()
  await wire.close()
  await stage.close()
})
beforeEach(() => client.query('truncate notes'))

const lanes: Lane[] = []
afterEach(async () => {
  wire.thaw()
  await Promise.all(lanes.splice(0).map((lane) => lane.close()))
})

const NOTE = {
  name: 'note',
  text: `select n, note($1 || key, value::int, pause::float)
           from unnest($2::text[], $3::text[], $4::text[]) with ordinality as a (key, value, pause, n)`,
}

function openLane(changes: Partial<LaneOptions> = {}): Lane {
  const options = { url, statements: [NOTE], batchSize: 64, queueSize: 1_000, stuckMs: 2_000 }
  const lane = new Lane({ ...options, ...changes })
  lanes.push(lane)
  return lane
}

interface NoteLimits {
  readonly timeoutMs?: number
  readonly pause?: number
  readonly group?: string
}

async function note(lane: Lane, key: string, value: number, limits: NoteLimits = {}) {
  const { timeoutMs = 5_000, pause = 0, group = '' } = limits
  const row = await lane.call(NOTE, [key, String(value), String(pause)], { shared: [group], key, timeoutMs })
  return row?.slice(1)
}

function noteSlowly(lane: Lane, value: number, seconds: number) {
  return note(lane, 'slow', value, { pause: seconds })
}

async function noted(): Promise<readonly { key: string; value: number }[]> {
  return (await client.query<{ key: string; value: number }>('select key, value from notes order by id')).rows
}

test('calls of one key are committed in the order in which they came, and each gets its own row', async () => {
  const lane = openLane({ batchSize: 7 })
  const keys = ['c', 'a', 'b']
  const calls = Array.from({ length: 90 }, (_, value) => note(lane, String(keys[value % 3]), value))
  const rows = await Promise.all(calls)
  assert.deepEqual(
    rows,
    calls.map((_, value) => [`noted ${value}`]),
  )
  for (const key of keys) {
    const values = (await noted()).filter((line) => line.key === key).map(({ value }) => value)
    assert.deepEqual(
      values,
      [...values].sort((a, b) => a - b),
    )
    assert.equal(values.length, 30)
  }
})

test('what arrives while a batch is written goes out together', async () => {
  const sizes: number[] = []
  const lane = openLane({ onBatch: (calls) => void sizes.push(calls) })
  await note(lane, 'first', 1)
  await Promise.all(Array.from({ length: 50 }, (_, value) => note(lane, 'k', value)))
  assert.deepEqual(sizes, [1, 1, 49])
})

test('calls of one group are one call of their statement, and each still gets its own row', async () => {
  const lane = openLane()
  await note(lane, 'k', 0)
  const groups = ['b', 'a', 'b', 'c', 'a', 'b']
  const rows = await Promise.all(groups.map((group, value) => note(lane, 'k', value, { group })))
  assert.deepEqual(
    rows,
    groups.map((_, value) => [`noted ${value}`]),
  )
  const written = (await noted()).slice(1).map(({ key, value }) => `${key} ${value}`)
  assert.deepEqual(written, ['bk 0', 'ak 1', 'ak 4', 'bk 2', 'bk 5', 'ck 3'])
})

test('whatever bytes and letters a call brings arrive as they are, and nothing is not empty', async () => {
  const echo = {
    name: 'echo',
    text: `select n, word, encode(bytes, 'hex'), word is null, word = ''
             from unnest($2::text[], $3::bytea[]) with ordinality as a (word, bytes, n) where $1 = 'g'`,
  }
  const lane = openLane({ statements: [echo] })
  const words = ['', null, '{"a":[1,2]}', 'NULL', 'ä€😀', '\\x00', "'--", '{}']
  const rows = await Promise.all(
    words.map((word, at) =>
      lane.call(echo, [word, Buffer.from([at, 0, 255])], {
        shared: ['g'],
        key: String(at),
        timeoutMs: 5_000,
      }),
    ),
  )
  assert.deepEqual(
    rows.map((row) => row?.slice(1)),
    words.map((word, at) => [
      word,
      Buffer.from([at, 0, 255]).toString('hex'),
      word === null ? 't' : 'f',
      word === null ? null : word === '' ? 't' : 'f',
    ]),
  )
})

test('a call that the database refuses does not harm its neighbours', async () => {
  const lane = openLane()
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, (_, value) => note(lane, `k${value}`, value % 10 === 3 ? -value : value)),
  )
  const refused = results.flatMap(({ status }, value) => (status === 'rejected' ? [value] : []))
  assert.deepEqual(refused, [3, 13, 23, 33])
  assert.equal((await noted()).length, 36)
  assert.deepEqual(await note(lane, 'k', 99), ['noted 99'])
})

test('a batch whose connection breaks before the answer is sent again', async () => {
  const faults: Error[] = []
  const lane = openLane({ onFault: (error) => void faults.push(error) })
  await note(lane, 'k', 0)
  wire.freeze()
  const calls = [1, 2, 3].map((value) => note(lane, 'k', value))
  await wait(50)
  wire.cut()
  wire.thaw()
  assert.deepEqual(await Promise.all(calls), [['noted 1'], ['noted 2'], ['noted 3']])
  assert.deepEqual(
    (await noted()).map(({ value }) => value),
    [0, 1, 2, 3],
  )
  assert.ok(faults.length > 0)
})

test('a database session that is ended in the middle of a batch costs time and nothing else', async () => {
  const lane = openLane()
  const calls = [noteSlowly(lane, 1, 0.3), noteSlowly(lane, 2, 0)]
  await wait(150)
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'gerbang-lane' and state = 'active' and datname = current_database()",
  )
  assert.deepEqual(await Promise.all(calls), [['noted 1'], ['noted 2']])
  assert.deepEqual(
    (await noted()).map(({ value }) => value),
    [1, 2],
  )
})

test('a call too many is refused at once and not sent', async () => {
  const lane = openLane({ queueSize: 5, batchSize: 1 })
  await note(lane, 'k', 0)
  const calls = Array.from({ length: 10 }, (_, value) => note(lane, 'k', value + 1))
  const results = await Promise.allSettled(calls)
  const refused = results.filter((result) => result.status === 'rejected')
  assert.equal(refused.length, 4, 'one is under way and five wait')
  for (const { reason } of refused) assert.ok(reason instanceof DatabaseBusy)
  assert.equal((await noted()).length, 7)
})

test('a silent database is answered for when the time is up, and the lane finds another connection', async () => {
  const lane = openLane({ stuckMs: 300 })
  await note(lane, 'k', 0)
  wire.freeze()
  const since = performance.now()
  const calls = [200, 300, 400].map((timeoutMs, value) => note(lane, 'k', value + 1, { timeoutMs }))
  const results = await Promise.race([Promise.allSettled(calls), wait(10_000)])
  assert.ok(results, 'no call is forgotten')
  for (const result of results)
    assert.ok(result.status === 'rejected' && result.reason instanceof DatabaseSilent)
  assert.ok(performance.now() - since < 8_000)
  wire.cut()
  wire.thaw()
  assert.deepEqual(await note(lane, 'k', 9), ['noted 9'])
})

test('every call is answered when the connection and the calls run out of time together', async () => {
  const lane = openLane({ stuckMs: 300 })
  await note(lane, 'k', 0)
  wire.freeze()
  const calls = [1, 2, 3].map((value) => note(lane, 'k', value, { timeoutMs: 300 }))
  const results = await Promise.race([Promise.allSettled(calls), wait(10_000)])
  assert.deepEqual(
    results?.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
})

test('a connection that falls silent while it is being made does not hold the lane for ever', async () => {
  const lane = openLane({ stuckMs: 300 })
  await note(lane, 'k', 0)
  // From here on a connection is opened, and then nothing passes: neither the login nor what follows it.
  wire.freeze()
  wire.cut()
  await wait(700)
  wire.thaw()
  assert.deepEqual(await note(lane, 'k', 1), ['noted 1'])
})

test('a lane that closes commits what it was given and takes no more', async () => {
  const lane = openLane({ batchSize: 4 })
  await note(lane, 'k', 20)
  const calls = Array.from({ length: 20 }, (_, value) => note(lane, 'k', value))
  const closing = lane.close()
  await assert.rejects(note(lane, 'k', 99), DatabaseSilent)
  await closing
  await Promise.all(calls)
  assert.equal((await noted()).length, 21)
})

test('a lane that closes without a database leaves nobody waiting', async () => {
  const lane = openLane({ url: 'postgres://nobody@127.0.0.1:1/nowhere' })
  const call = note(lane, 'k', 1)
  const [closed] = await Promise.allSettled([call, lane.close()])
  assert.ok(closed.status === 'rejected' && closed.reason instanceof DatabaseSilent)
})

test('a lane that closes while the database is silent ends, and leaves nobody waiting', async () => {
  const lane = openLane({ stuckMs: 5_000 })
  await note(lane, 'k', 0)
  wire.freeze()
  const calls = [1, 2].map((value) => note(lane, 'k', value))
  const answered = Promise.allSettled(calls)
  const isClosed = await Promise.race([lane.close().then(() => true), wait(10_000)])
  wire.cut()
  assert.equal(isClosed, true)
  assert.ok(await Promise.race([answered, wait(10_000)]), 'no call is forgotten')
})

test('a call that meets a lock is refused soon and harms its neighbours no longer', async () => {
  const lane = openLane()
  await client.query('create table if not exists seats (id int primary key)')
  await client.query('insert into seats values (1) on conflict do nothing')
  await client.query(`create or replace function note(p_key text, p_value int, p_pause float) returns text
    language plpgsql as $$ begin
      if p_key like '%locked' then perform 1 from seats for update; end if;
      insert into notes (key, value) values (p_key, p_value);
      return 'noted ' || p_value; end $$`)
  await note(lane, 'k', 0)
  const stranger = new pg.Client({ connectionString: stage.databaseUrl })
  await stranger.connect()
  await stranger.query('begin; select 1 from seats for update')
  const locked = Array.from({ length: 20 }, (_, value) => note(lane, 'locked', value, { group: 'held ' }))
  const others = Array.from({ length: 10 }, (_, value) => note(lane, 'k', value, { timeoutMs: 3_000 }))
  const since = performance.now()
  const results = await Promise.allSettled([...locked, ...others])
  assert.ok(performance.now() - since < 4_000, 'the lock is not waited for twenty times')
  await stranger.query('rollback')
  await stranger.end()
  assert.deepEqual(
    results.map(({ status }) => status),
    [...locked.map(() => 'rejected'), ...others.map(() => 'fulfilled')],
  )
})
