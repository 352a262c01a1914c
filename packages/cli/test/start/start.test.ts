import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { PAID, payUntilPaid, READY, readPartner } from './demo-payment.ts'
import { aPlace, descendants, launchIn, survivors, theOne } from './launcher.ts'

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
