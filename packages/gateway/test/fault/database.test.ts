import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { openStage, type Stage } from '../stage.ts'
import { assertBooksAgree, type Told, untilAllAreFinal } from './books.ts'
import { codesOf, startLoad } from './load.ts'
import { type OwnServer, openServer } from './own-server.ts'

const LIMIT_MS = 1_000
/** Reading the partner (connect and query), claim, network, settle: each within its limit, and room for a busy machine. */
const DEADLINE_MS = 5 * LIMIT_MS + 4_000

/** Long enough for those that settle to be told of it, and to be refused when they pay again. */
const OUTAGE_MS = 3 * LIMIT_MS

let server: OwnServer
let stage: Stage
let admin: pg.Client
before(async () => {
  server = await openServer()
  stage = await openStage({
    adminUrl: server.url,
    env: {
      GERBANG_CLAIM_TIMEOUT_MS: String(LIMIT_MS),
      GERBANG_NETWORK_TIMEOUT_MS: String(LIMIT_MS),
      GERBANG_SETTLE_TIMEOUT_MS: String(LIMIT_MS),
      GERBANG_QUERY_TIMEOUT_MS: String(LIMIT_MS),
      GERBANG_INQUIRY_TIMEOUT_MS: String(LIMIT_MS),
      GERBANG_PARTNER_KEEP_MS: '1500',
    },
  })
  await stage.merchant.token()
  await connectAdmin()
})
after(async () => {
  server.thaw()
  await admin.end().catch(() => {})
  await stage.close()
  await server.close()
})

async function connectAdmin(): Promise<void> {
  admin = new pg.Client({ connectionString: stage.databaseUrl })
  admin.on('error', () => {})
  await admin.connect()
}

const KNOWN_CODES = new Set(['2005400', '2025400', '5005400', '5005401', '4295400'])

/** Load, a fault in the middle of it, the end of the fault, and then everything must be as if nothing had been. */
async function underLoad(fault: () => Promise<void>, atOnce = 6): Promise<readonly string[]> {
  const load = startLoad(stage, atOnce)
  await wait(200)
  const outcome = await fault()
    .then(() => untilPaymentsPass())
    .catch((error: unknown) => error)
  const told = await load.end()
  if (outcome !== undefined) throw outcome
  for (const { ms, answer } of told)
    assert.ok(ms < DEADLINE_MS, `${answer.body.responseCode} after ${Math.round(ms)} ms`)
  for (const code of codesOf(told)) assert.ok(KNOWN_CODES.has(code), code)
  await assertSound(told)
  return codesOf(told)
}

async function assertSound(told: readonly Told[]): Promise<void> {
  await untilAllAreFinal(stage)
  await assertBooksAgree(stage, told)
}

/** Nobody restarts the gateway: it must find back by itself. */
async function untilPaymentsPass(limitMs = 20_000): Promise<void> {
  const until = Date.now() + limitMs
  for (;;) {
    const { body } = await stage.merchant.pay()
    if (body.responseCode === '2005400') return
    assert.ok(Date.now() < until, `${limitMs} ms later still ${body.responseCode}`)
    await wait(20)
  }
}

/** SQL runs in the stage's database on a session that the faults spare. */
async function during(start: string, end: string, ms: number): Promise<void> {
  await admin.query(start)
  await wait(ms)
  await admin.query(end)
}

const DISCONNECT = `
  select pg_terminate_backend(pid) from pg_stat_activity
   where pid <> pg_backend_pid() and backend_type = 'client backend' and datname = current_database()`

function failing(table: string, body: string): { start: string; end: string } {
  return {
    start: `create or replace function fault() returns trigger language plpgsql as $$ begin ${body} return new; end $$;
      create trigger fault before insert on ${table} for each row execute function fault()`,
    end: `drop trigger fault on ${table}`,
  }
}

test('no payment is lost or taken twice when the database is killed and started again', async () => {
  const codes = await underLoad(async () => {
    await server.kill()
    await wait(700)
    await server.start()
  })
  await connectAdmin()
  assert.ok(codes.includes('5005401') || codes.includes('2025400'), codes.join())
})

test('a frozen database makes nobody wait beyond the deadline, and everything is in order when it thaws', async () => {
  const codes = await underLoad(async () => {
    server.freeze()
    await wait(3_000)
    server.thaw()
  })
  assert.ok(codes.includes('5005401'), codes.join())
})

test('a database without room for payments refuses them with a fault of ours, and takes none', async () => {
  const { start, end } = failing(
    'payments',
    `raise exception 'no space left on device' using errcode = '53100';`,
  )
  const before = stage.simulator.size()
  await admin.query(start)
  const load = startLoad(stage)
  await wait(500)
  const told = await load.end()
  await admin.query(end)
  assert.deepEqual(codesOf(told), ['5005400'])
  assert.equal(stage.simulator.size(), before, 'the network was never asked')
  await untilPaymentsPass()
  await assertSound(told)
})

test('a verdict that finds no room is not told, and is booked when there is room again', async () => {
  const { start, end } = failing(
    'outbox',
    `raise exception 'no space left on device' using errcode = '53100';`,
  )
  await admin.query(start)
  const load = startLoad(stage)
  await wait(500)
  const told = await load.end()
  assert.deepEqual(codesOf(told), ['2025400'])
  await admin.query(end)
  await assertSound(told)
  const [row] = await stage.query<{ paid: number }>(
    'select count(*)::int as paid from payments where state = $1 and external_id = any ($2)',
    ['paid', told.map(({ externalId }) => externalId)],
  )
  assert.equal(row?.paid, told.length, 'what the network approved is paid')
})

test('a database that became read-only is waited for and then used again', async () => {
  const readOnly = (value: string) =>
    `alter database ${new URL(stage.databaseUrl).pathname.slice(1)} set default_transaction_read_only = ${value}`
  const codes = await underLoad(async () => {
    await admin.query(readOnly('on'))
    await during(DISCONNECT, 'begin read write', OUTAGE_MS)
    await admin.query(readOnly('off'))
    await admin.query('commit')
  })
  assert.ok(codes.includes('5005401'), codes.join())
})

test('a slow database makes payments slow and nothing else', async () => {
  const { start, end } = failing('payments', 'perform pg_sleep(0.1);')
  const codes = await underLoad(() => during(start, end, 1_500))
  assert.ok(codes.includes('2005400'), codes.join())
})

test('a database slower than the deadline refuses payments in time', async () => {
  const { start, end } = failing('payments', 'perform pg_sleep(1.3);')
  const codes = await underLoad(() => during(start, end, 1_500), 2)
  assert.ok(codes.includes('5005401'), codes.join())
})

test('sessions that are ended again and again lose nothing', async () => {
  const codes = await underLoad(async () => {
    for (let times = 0; times < 15; times++) {
      await admin.query(DISCONNECT)
      await wait(80)
    }
  })
  assert.ok(codes.includes('2005400'), codes.join())
})

test('a gateway that finds no free connection refuses payments until there is one', async () => {
  const hogs: pg.Client[] = []
  const codes = await underLoad(async () => {
    await admin.query(DISCONNECT)
    for (let isFull = false; !isFull; ) {
      const hog = new pg.Client({ connectionString: stage.databaseUrl })
      hog.on('error', () => {})
      isFull = await hog.connect().then(
        () => false,
        () => true,
      )
      if (!isFull) hogs.push(hog)
    }
    await admin.query(`${DISCONNECT} and application_name like 'gerbang%'`)
    await wait(1_500)
    await Promise.all(hogs.map((hog) => hog.end()))
  })
  assert.ok(hogs.length > 5)
  assert.ok(codes.includes('2005400'), codes.join())
})

test('a password that was changed and changed back costs refusals and nothing else', async () => {
  const { username, password } = new URL(stage.databaseUrl)
  const codes = await underLoad(async () => {
    await admin.query(`alter role "${username}" password 'something-else'`)
    await during(DISCONNECT, `alter role "${username}" password '${password}'`, OUTAGE_MS)
  })
  // Whether a claim or the reading of the partner meets it first decides between 5005401 and 5005400.
  assert.ok(
    codes.some((code) => code.startsWith('500')),
    codes.join(),
  )
})
