import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase, startDatabase } from '@gerbang/embedded'
import { SnapClient } from '@gerbang/sdk'
import { aPlace, descendants, launchIn, type Place, survivors, theOne } from './launcher.ts'

const PAID = '2005400 Successful'
const READY = 'Ctrl-C stops everything'

async function readPartner(home: string) {
  return JSON.parse(await readFile(join(home, 'demo-partner.json'), 'utf8')) as Record<string, string>
}

function lockOfPostgres({ home }: Place): string {
  return join(home, 'postgres', 'cluster', 'data', 'postmaster.pid')
}

async function payOnce({ home }: Place, reference: string): Promise<string> {
  const { baseUrl = '', clientId = '', clientSecret = '', privateKeyFile = '' } = await readPartner(home)
  const privateKey = await readFile(join(home, privateKeyFile), 'utf8')
  const client = new SnapClient({ baseUrl, clientId, clientSecret, privateKey, timeoutMs: 3_000, retries: 0 })
  const { responseCode } = await client.pay({
    partnerReferenceNo: reference,
    amount: '10000.00',
    chargeToken: '9360000200000200001',
    otp: '12345678',
  })
  return responseCode
}

/** A payment that succeeds, however often one has to try (each time as a new order). */
async function payUntilPaid(place: Place): Promise<void> {
  let last: unknown
  for (let attempt = 0; attempt < 60; attempt++) {
    const code = await payOnce(place, `AGAIN-${process.pid}-${attempt}-${place.port}`).catch(
      (error: unknown) => {
        last = error
      },
    )
    if (code === '2005400') return
    await sleep(100)
  }
  throw new Error('no payment succeeds any more', { cause: last })
}

test('one command pays, Ctrl-C leaves no process, and the next start keeps keys and partner', async (t) => {
  const place = await aPlace(t)
  const first = launchIn(place)
  await first.printed(READY)
  const output = first.output()
  for (const text of [
    PAID,
    `http://127.0.0.1:${place.port}/reference`,
    `:${place.simulatorPort}`,
    'npx gerbang pay',
  ]) {
    assert.ok(output.includes(text), `${text} is missing in:\n${output}`)
  }
  const partner = await readPartner(place.home)
  assert.match(partner.clientId ?? '', /^BRN-\d{4}-\d{13}$/)
  assert.match(partner.clientSecret ?? '', /^SK-[A-Za-z0-9]{20}$/)
  assert.ok(!output.includes(partner.clientSecret ?? '?'), 'the secret is not printed')
  for (const name of [
    'gateway.env',
    'demo-partner.json',
    'demo-partner-private.pem',
    'gateway-private.pem',
  ]) {
    assert.equal(((await stat(join(place.home, name))).mode & 0o777).toString(8), '600', name)
  }
  const began = descendants(first.process.pid)
  assert.ok(began.some(({ command }) => command.includes('postgres')))
  first.process.kill('SIGINT')
  first.process.kill('SIGINT')
  assert.equal(await first.ended, 0)
  assert.deepEqual(await survivors(began), [])

  const env = await readFile(join(place.home, 'gateway.env'), 'utf8')
  const second = launchIn(place)
  await second.printed(PAID)
  assert.deepEqual(await readPartner(place.home), partner)
  assert.equal(await readFile(join(place.home, 'gateway.env'), 'utf8'), env)
})

test('a killed launcher takes its children along, and the next start adopts the database', async (t) => {
  const place = await aPlace(t)
  const first = launchIn(place)
  await first.printed(READY)
  const began = descendants(first.process.pid)
  const isDatabase = ({ command }: { command: string }) => command.includes('postgres')
  const server = theOne(began, 'bin/postgres')
  first.process.kill('SIGKILL')
  const second = launchIn(place)
  await second.printed(PAID)
  assert.deepEqual(await survivors(began.filter((one) => !isDatabase(one))), [])
  assert.equal(Number((await readFile(lockOfPostgres(place), 'utf8')).split('\n')[0]), server)
  second.process.kill('SIGTERM')
  assert.equal(await second.ended, 0)
  assert.deepEqual(await survivors(began), [])
})

test('whichever process is killed, payments work again by themselves', async (t) => {
  const place = await aPlace(t)
  const launcher = launchIn(place)
  await launcher.printed(READY)
  for (const [name, text] of [
    ['simulator', 'gerbang.js simulate'],
    ['gateway', 'gerbang.js serve'],
    ['PostgreSQL', 'bin/postgres'],
  ] as const) {
    process.kill(theOne(descendants(launcher.process.pid), text), 'SIGKILL')
    await launcher.printed(`${name} is back.`)
    await payUntilPaid(place)
  }
  const all = descendants(launcher.process.pid)
  launcher.process.kill('SIGINT')
  assert.equal(await launcher.ended, 0)
  assert.deepEqual(await survivors(all), [])
})

test('a second start of the same folder says so and leaves the first alone', async (t) => {
  const place = await aPlace(t)
  const first = launchIn(place)
  await first.printed(READY)
  const second = launchIn(place)
  assert.equal(await second.ended, 1)
  assert.match(second.output(), /already runs on .* \(process \d+\)/)
  assert.equal(await payOnce(place, 'AFTER-SECOND'), '2005400')
})

test('a port that somebody else has is named in one line, with its setting, and nothing is left', async (t) => {
  const place = await aPlace(t)
  const squatter = createServer().listen(place.port, '127.0.0.1')
  await once(squatter, 'listening')
  t.after(() => squatter.close())
  const launcher = launchIn(place)
  assert.equal(await launcher.ended, 1)
  const complaint = launcher.output().trim().split('\n').slice(1)
  assert.equal(complaint.length, 1)
  assert.match(complaint[0] ?? '', new RegExp(`Port ${place.port} is in use.*GERBANG_PORT=`))
})

test('Ctrl-C while things are still starting ends everything that was begun', async (t) => {
  for (const waitMs of [50, 400, 900, 1_500]) {
    const place = await aPlace(t)
    const launcher = launchIn(place)
    await launcher.printed('Starting')
    await sleep(waitMs)
    const began = descendants(launcher.process.pid)
    launcher.process.kill('SIGINT')
    assert.equal(await launcher.ended, 0, launcher.output())
    assert.deepEqual(await survivors(began), [])
    await assert.rejects(stat(lockOfPostgres(place)), {
      code: 'ENOENT',
    })
  }
})

test('with DATABASE_URL the payment goes to that database, and no other is started', async (t) => {
  const place = await aPlace(t)
  const database = await startDatabase({ directory: join(place.home, 'external') })
  place.endings.push(() => database.stop())
  place.environment.DATABASE_URL = await createDatabase(database.url, 'shop')
  const launcher = launchIn(place)
  await launcher.printed(PAID)
  assert.ok(!descendants(launcher.process.pid).some(({ command }) => command.includes('postgres')))
  await launcher.printed('Ctrl-C stops')
  launcher.process.kill('SIGHUP')
  assert.equal(await launcher.ended, 0)
  const output = launcher.output()
  assert.match(output, /^Starting: simulator, gateway\. The database is that of DATABASE_URL\.$/m)
  assert.match(output, /Ctrl-C stops simulator and gateway, not your database\.$/m)
  assert.match(output, /^Stopped, but for your database\..* with the same DATABASE_URL continues/m)
  assert.doesNotMatch(output, /Starting: database|stops everything/)
  // It is there still: who says otherwise frightens the one whose database it is.
  await createDatabase(database.url, 'still_there')
  assert.ok(!(await readFile(join(place.home, 'gateway.env'), 'utf8')).includes('DATABASE_URL'))
})
