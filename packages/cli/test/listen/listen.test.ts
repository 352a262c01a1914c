import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { notifications } from '@gerbang/sdk/express'
import { closedPort, runGerbang } from '../run-gerbang.ts'
import { SECRET } from '../shop.ts'
import { anEar, CLIENT_ID, GATEWAY_KEY, PAID, TOKEN_OF_CARD, tell } from './teller.ts'

const HOUR_MS = 3_600_000

/** A merchant's program with the SDK's own receiver, which throws while it is told to. */
async function aProgram(t: TestContext) {
  const heard: string[] = []
  const program = { heard, isBroken: false, url: '' }
  const { notify } = notifications({
    clientId: CLIENT_ID,
    clientSecret: SECRET,
    gatewayPublicKey: GATEWAY_KEY,
    onPayment: ({ originalPartnerReferenceNo, status, bankCardToken }) => {
      if (program.isBroken) throw new Error('broken')
      heard.push(`${originalPartnerReferenceNo} ${status} ${bankCardToken}`)
    },
  })
  const server = createServer((request, response) =>
    notify(request, response, () => response.writeHead(500).end('{"responseCode":"5005600"}')),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  program.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return program
}

test('a notification is verified, shown in one line, acknowledged, and kept without the token of the card', async (t) => {
  const { url, cwd, listener, again } = await anEar(t)
  const told = await tell(url, PAID)
  assert.deepEqual([told.status, told.body.responseCode], [200, '2005600'])
  await listener.printed('INV-1')
  assert.match(
    listener.output(),
    /^\d{4}-\d\d-\d\dT[\d:]{8}\+07:00 {2}payment {2}INV-1 {2}paid {2}10000\.00 {2}signature right {2}answered 200$/m,
  )
  assert.ok(!listener.output().includes(TOKEN_OF_CARD))
  const file = join(cwd, '.gerbang', 'notifications.jsonl')
  const kept = await readFile(file, 'utf8')
  assert.ok(!kept.includes(TOKEN_OF_CARD))
  assert.equal(JSON.parse(kept).body.additionalInfo.bankCardToken, `…${TOKEN_OF_CARD.slice(-4)}`)
  assert.equal((await stat(file)).mode & 0o077, 0)
  listener.process.kill('SIGINT')
  assert.equal(await listener.ended, 0)
  assert.match(listener.output(), /^Stopped\.$/m)

  const second = again('--output', 'interactive')
  await second.printed('Listening at')
  await tell(url, PAID)
  await second.printed('delivery 2')
  assert.match(second.output(), new RegExp(`^  bankCardToken  ${TOKEN_OF_CARD}$`, 'm'))
})

test('a binding is shown with its customer, and as JSON with all there is', async (t) => {
  const { url, listener } = await anEar(t, '--json')
  const body = {
    originalExternalId: '1',
    additionalInfo: {
      status: 'SUCCESS',
      custIdMerchant: 'CUST001',
      authCode: 'A-1',
      bankCardToken: TOKEN_OF_CARD,
    },
  }
  const told = await tell(url, body, { path: '/v1.0/binding/notify' })
  assert.deepEqual([told.status, told.body.responseCode], [200, '2000700'])
  await listener.printed('"binding"')
  const line = JSON.parse(
    listener
      .output()
      .split('\n')
      .find((one) => one.startsWith('{')) ?? '',
  )
  assert.deepEqual(
    [line.type, line.path, line.answered, line.body],
    ['binding', '/v1.0/binding/notify', 200, body],
  )
})

test('what the gateway has not signed is refused, and says why', async (t) => {
  const { url, listener } = await anEar(t, '--output', 'quiet')
  await tell(url, PAID)
  const forged = await tell(url, PAID, { secret: 'SK-of-somebody-else' })
  assert.deepEqual([forged.status, forged.body.responseCode], [401, '4015600'])
  await listener.printed('refused: 4015600')
  const late = await tell(url, PAID, { offsetMs: HOUR_MS })
  assert.equal(late.status, 401, 'a token asked for at another time is not given')
  await listener.printed('A request for a token was refused: 4017300')
  assert.ok(!listener.output().includes('INV-1'), 'quiet says nothing of what is right')
  assert.equal((await fetch(url)).status, 405)
})

test('a notification is handed on so that a program with the same secret accepts it, and its answer goes back', async (t) => {
  const program = await aProgram(t)
  const { url, listener } = await anEar(t, '--forward-to', `${program.url}/hooks/pay`)
  assert.equal((await tell(url, PAID)).status, 200)
  assert.deepEqual(program.heard, [`INV-1 paid ${TOKEN_OF_CARD}`])
  await listener.printed(`${program.url}/hooks/pay answered 200 in `)
  program.isBroken = true
  assert.equal((await tell(url, PAID)).status, 500)
  await listener.printed('/hooks/pay answered 500 in ')
  const forged = await tell(url, PAID, { secret: 'SK-of-somebody-else' })
  assert.equal(forged.status, 401)
  assert.equal(program.heard.length, 1, 'what is not believed is not handed on')
})

test('a program that is not there leaves the notification undelivered', async (t) => {
  const { url, listener } = await anEar(t, '--forward-to', String(await closedPort()))
  const told = await tell(url, PAID)
  assert.equal(told.status, 500)
  await listener.printed('/v1.0/debit/notify gave no answer (nothing listens there), so the gateway got 500')
})

test('a listener that is told to fail answers that to all', async (t) => {
  const { url, listener } = await anEar(t, '--fail', '503')
  assert.equal((await tell(url, PAID)).status, 503)
  await listener.printed('signature right  answered 503')
})

test('the time of a demo counts for its notifications, and so does that of the machine', async (t) => {
  const { url, cwd, listener, again } = await anEar(t)
  listener.process.kill('SIGINT')
  await listener.ended
  const home = join(cwd, '.gerbang')
  const settings = `GERBANG_MODE=demo\nGERBANG_CLOCK_FILE=${join(home, 'clock.json')}\n`
  await writeFile(join(home, 'gateway.env'), settings, { mode: 0o600 })
  await writeFile(join(home, 'clock.json'), JSON.stringify({ offsetMs: 12 * HOUR_MS, frozenAt: null }))
  const ofDemo = again()
  await ofDemo.printed('Listening at')
  for (const [offsetMs, status] of [
    [12 * HOUR_MS, 200],
    [0, 200],
    [6 * HOUR_MS, 401],
  ] as const) {
    assert.equal((await tell(url, PAID, { offsetMs })).status, status, String(offsetMs))
  }
})

test('a port that cannot be had ends the listener with the next command', async (t) => {
  const { url, cwd } = await anEar(t)
  const { port } = new URL(url)
  const env = { GERBANG_LISTEN_PORT: port, GERBANG_GATEWAY_PUBLIC_KEY_FILE: '.gerbang/gateway-public.pem' }
  const { code, err } = await runGerbang(['listen'], { cwd, env })
  assert.equal(code, 1)
  assert.match(err, new RegExp(`^Port ${port} .*\nNext: npx gerbang listen --port \\d+`))
  for (const args of [
    ['--port', '70000'],
    ['--fail', '200'],
    ['--forward-to', 'shop'],
    ['--output', 'loud'],
  ]) {
    assert.equal((await runGerbang(['listen', ...args], { cwd, env })).code, 2, args.join(' '))
  }
  const { code: without } = await runGerbang(['listen'], { cwd, env: { GERBANG_LISTEN_PORT: port } })
  assert.equal(without, 2)
})
