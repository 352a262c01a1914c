import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
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
  assert.ok(performance.now() - beganMs < 10_000, 'moments, not half a day')
})

test('a listener that is started after many failures hears of the next payment at once', async (t) => {
  const demo = await aDemo(t)
  for (let number = 1; number <= 6; number++) await demo.run(...PAY, '--reference', `INV-UNHEARD-${number}`)
  await untilListed(demo, 'pending', 7)
  const ear = await demo.listen()
  assert.equal((await demo.run(...PAY, '--reference', 'INV-HEARD')).code, 0)
  const beganMs = performance.now()
  await ear.printed('INV-HEARD  paid')
  assert.ok(performance.now() - beganMs < 20_000, 'an endpoint that rests, rests for a moment in a demo')
})

test('what did not arrive is shown, and sent again by its number, by the payment, or all at once', async (t) => {
  const demo = await aDemo(t)
  assert.equal((await demo.run(...PAY, '--reference', 'INV-R')).code, 0)
  const pending = await untilListed(demo, 'pending', 2)
  const first = pending.find(({ attempts }) => attempts === 1)?.notificationNo ?? ''
  const deaf = await demo.run('resend', first)
  assert.equal(deaf.code, 1)
  assert.match(
    deaf.out,
    new RegExp(`^${first} {2}\\S+ {2}resend {2}http://127\\.0\\.0\\.1:${demo.listenPort}/\\S+ {2}no answer`),
  )

  const ear = await demo.listen()
  await ear.printed('2 notifications have not arrived and will be sent again, the first at ')
  const again = await demo.run('resend', '--reference', 'INV-R')
  assert.equal(again.code, 0, again.out)
  assert.match(again.out, /resend .* answered 200 in \d+ ms$/m)
  await ear.printed('payment  INV-R  paid  10000.00  signature right  answered 200')
  await stopped(ear)

  for (const [index, duration] of ['30m', '6h', '12h'].entries()) {
    await demo.ask('clock', 'advance', duration)
    await untilListed(demo, index === 2 ? 'given-up' : 'pending', 1, index + 2)
  }
  const [left] = await untilListed(demo, 'given-up', 1)
  const waiting = await demo.listen()
  await waiting.printed('1 notification has been given up. Next: npx gerbang resend --failed-since 30d')
  assert.match((await demo.run('resend', '--failed-since', '2d')).out, /^1 goes out again/)
  await untilListed(demo, 'delivered', 2)
  const told = await demo.run('notifications', left?.notificationNo ?? '')
  assert.equal(told.out.split('\n').filter((line) => line.includes('  schedule  ')).length, 4)
  assert.match(told.out, /resend .* answered 200 in \d+ ms\n$/)
  const list = await demo.run('notifications', '--since', '1d', '--reference', 'INV-R')
  assert.match(list.out, /^\d+ {2}\S+ {2}payment {2}\d{32} {2}delivered {2}1 attempt$/m)
  for (const args of [
    ['resend'],
    ['resend', '1', '--failed-since', '1h'],
    ['notifications', '--since', '1'],
    ['notifications', '--limit', '0'],
  ]) {
    assert.equal((await demo.run(...args)).code, 2, args.join(' '))
  }
  assert.equal((await demo.run('resend', '999')).code, 1)
})

interface Listed {
  readonly notificationNo: string
  readonly attempts: number
}

/** Those in that state, as soon as there are so many, each with so many attempts. */
async function untilListed(demo: Demo, state: string, count: number, attempts = 1): Promise<Listed[]> {
  for (const end = performance.now() + 20_000; ; await sleep(200)) {
    const found = await demo.ask<Listed[]>('notifications', '--state', state)
    const isThere = found.length === count && found.every((one) => one.attempts >= attempts)
    if (isThere || performance.now() > end) {
      assert.ok(isThere, `${state}: ${JSON.stringify(found)}`)
      return found
    }
  }
}

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
    [clientId, '--frame-ancestors', 'shop.example'],
  ]) {
    assert.equal((await demo.run('partner', 'set', ...args)).code, 2, args.join(' '))
  }
})
