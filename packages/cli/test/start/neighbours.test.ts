import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { createDatabase, startDatabase } from '@gerbang/embedded'
import { PAID, payOnce, READY } from './demo-payment.ts'
import { aPlace, descendants, launchIn } from './launcher.ts'

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
