import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { closedPort } from '../run-gerbang.ts'
import { aDemo, type Demo, stopped } from './demo.ts'

const PAY = ['pay', '--cpan', '9360000200000200001', '--ott', '12345678', '--amount', '10000']

test('a notification that fails is delivered a moment after the clock was set twelve hours ahead', async (t) => {
  const demo = await aDemo(t)
  const deaf = await demo.listen('--fail', '503')
  assert.equal((await demo.run(...PAY, '--reference', 'INV-LATE')).code, 0)
  await deaf.printed('INV-LATE  paid  10000.00  signature right  answered 503')
  await demo.ask('clock', 'advance', '30m')
  await deaf.printed('INV-LATE  paid  10000.00  signature right  delivery 2  answered 503')
  await stopped(deaf)

  const ear = await demo.listen()
  assert.ok(!ear.output().includes('INV-LATE'))
  const beganMs = performance.now()
  await demo.ask('clock', 'advance', '12h')
  await ear.printed('INV-LATE  paid  10000.00  signature right  delivery 3  answered 200')
  assert.ok(performance.now() - beganMs < 3_000, 'a second or two, not half a day')
})

async function urlsOf(demo: Demo): Promise<Record<string, string>> {
  const partner = JSON.parse(await readFile(join(demo.place.home, 'demo-partner.json'), 'utf8'))
  const id = String(partner.clientId)
  const { urls } = await demo.ask<{ urls: { purpose: string; url: string }[] }>(
    ...['partner', 'set', id, '--mode', 'symmetric'],
  )
  return Object.fromEntries(urls.map(({ purpose, url }) => [purpose, url]))
}

test('a start tells the gateway where its listener is, and leaves alone what somebody has set', async (t) => {
  const demo = await aDemo(t)
  const before = await urlsOf(demo)
  assert.deepEqual(before, {
    token: `http://127.0.0.1:${demo.listenPort}/authorization/v1/access-token/b2b`,
    notification: `http://127.0.0.1:${demo.listenPort}/v1.0/debit/notify`,
    binding: `http://127.0.0.1:${demo.listenPort}/v1.0/binding/notify`,
  })
  const { clientId } = JSON.parse(await readFile(join(demo.place.home, 'demo-partner.json'), 'utf8'))
  const mine = 'http://127.0.0.1:3000/v1.0/debit/notify'
  const set = await demo.run(
    'partner',
    'set',
    clientId,
    '--notification-url',
    mine,
    '--frame-ancestors',
    'https://shop.example',
  )
  assert.match(set.out, /^Set\. .*\n(.*\n)* {2}notification +http:\/\/127\.0\.0\.1:3000\//)
  const port = await closedPort()
  await demo.restart({ GERBANG_LISTEN_PORT: String(port) })
  const after = await urlsOf(demo)
  assert.equal(after.notification, mine)
  assert.equal(after.token, `http://127.0.0.1:${port}/authorization/v1/access-token/b2b`)
  const gone = await demo.run('partner', 'set', clientId, '--notification-url', 'none')
  assert.doesNotMatch(gone.out, /notification/)
  for (const args of [
    ['BRN-NOBODY', '--mode', 'symmetric'],
    [clientId],
    [clientId, '--token-url', 'ftp://x'],
    [clientId, '--mode', 'loud'],
  ]) {
    assert.equal((await demo.run('partner', 'set', ...args)).code, 2, args.join(' '))
  }
})
