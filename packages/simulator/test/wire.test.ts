import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { OPENAPI, readSimulatorConfig } from '../src/index.ts'
import { aCharge, aSimulator, CARD, call } from './rig.ts'

test('a malformed charge is told 30, books nothing and harms nobody', async (t) => {
  const simulator = await aSimulator(t)
  const bodies: unknown[] = [
    '',
    '{',
    'null',
    '[]',
    '"text"',
    '\u0000',
    aCharge({ referenceNo: '123' }),
    aCharge({ referenceNo: 12 }),
    aCharge({ cardNumber: '4111111111111111' }),
    aCharge({ oneTimeToken: '1234567' }),
    aCharge({ oneTimeToken: undefined }),
    aCharge({ merchantReferenceNo: 'INV\n1' }),
    aCharge({ merchantId: '' }),
    aCharge({ amount: { value: '10000', currency: 'IDR' } }),
    aCharge({ amount: { value: '0.00', currency: 'IDR' } }),
    aCharge({ amount: { value: '10000.00', currency: 'USD' } }),
    aCharge({ amount: 10_000 }),
    aCharge({ expiresAt: 'tomorrow' }),
    aCharge({ expiresAt: '2027-13-41T00:00:00Z' }),
    aCharge({ note: 'x'.repeat(17_000) }),
    `${'['.repeat(8_000)}`,
  ]
  for (const body of bodies) {
    const reply = await call(`${simulator.url}/network/v1/charges`, 'POST', body)
    assert.deepEqual(reply, { status: 400, body: { resultCode: '30' } }, JSON.stringify(body).slice(0, 80))
  }
  const response = await fetch(`${simulator.url}/network/v1/charges`, {
    method: 'POST',
    body: Buffer.from([0x22, 0xff, 0x22]),
  })
  assert.equal(response.status, 400)
  assert.deepEqual(await simulator.book(), [])
  assert.equal((await simulator.charge()).status, 200)
})

test('unknown members of a charge are ignored', async (t) => {
  const simulator = await aSimulator(t)
  assert.equal((await simulator.charge({ terminalId: 'T-1' })).body.status, 'approved')
})

test('paths and methods that do not exist are refused', async (t) => {
  const simulator = await aSimulator(t)
  const status = async (method: string, path: string) =>
    (await call(`${simulator.url}${path}`, method)).status
  assert.equal(await status('GET', '/'), 404)
  assert.equal(await status('GET', '/network/v1/nothing'), 404)
  assert.equal(await status('DELETE', '/network/v1/book'), 405)
  assert.equal(await status('GET', '/_sim/nothing'), 404)
  assert.equal(await status('GET', '/network/v1/charges/constructor'), 404)
})

test('with a key the network answers only those who carry it; health stays open', async (t) => {
  const simulator = await aSimulator(t, { networkKey: 'the-key' })
  const charges = `${simulator.url}/network/v1/charges`
  assert.equal((await call(charges, 'POST', aCharge())).status, 401)
  assert.equal((await call(charges, 'POST', aCharge(), 'the-kez')).status, 401)
  assert.equal((await call(charges, 'POST', aCharge(), 'the-key')).status, 200)
  assert.equal((await call(`${simulator.url}/network/v1/book`, 'GET')).status, 401)
  assert.equal((await call(`${simulator.url}/network/v1/health`, 'GET')).status, 200)
})

test('the book tells every charge once, in order, with the card masked', async (t) => {
  const simulator = await aSimulator(t)
  const sent: unknown[] = []
  for (let n = 0; n < 600; n++) {
    const { body } = await simulator.charge({ amount: { value: `${n + 1}.00`, currency: 'IDR' } })
    sent.push(body.referenceNo)
  }
  const lines = await simulator.book()
  assert.deepEqual(
    lines.map((line) => line.referenceNo),
    sent,
  )
  const { referenceNo: _, ...first } = lines[0] ?? {}
  assert.deepEqual(first, {
    merchantReferenceNo: 'INV-1',
    merchantId: 'BRN-0001',
    status: 'approved',
    resultCode: '00',
    amount: { value: '1.00', currency: 'IDR' },
    cardNumber: '936000******0011',
    networkReferenceNo: '000000000001',
    at: '2026-11-21T03:00:00.000Z',
  })
})

test('neither the ledger nor the log knows a card or a token', async (t) => {
  const logged: string[] = []
  const write = (fields: object, message: string) => void logged.push(JSON.stringify([fields, message]))
  const simulator = await aSimulator(t, { log: { debug: write, info() {}, error: write } })
  const issued = await simulator.control('POST', '/otts', { cardNumber: CARD })
  const live = String(issued.body.oneTimeToken)
  for (const oneTimeToken of [live, '99940314', '11223344', '87654321'])
    await simulator.charge({ oneTimeToken })
  simulator.advance(3_000)
  const text = readFileSync(simulator.ledgerPath, 'utf8') + logged.join('\n')
  assert.equal(logged.length, 4)
  assert.ok(text.includes('936000******0011'))
  for (const secret of [CARD, live, '99940314', '11223344', '87654321'])
    assert.ok(!text.includes(secret), secret)
})

test('the committed OpenAPI document is the one the simulator serves', async (t) => {
  const simulator = await aSimulator(t)
  const committed = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'))
  assert.deepEqual(committed, JSON.parse(JSON.stringify(OPENAPI)))
  assert.deepEqual((await call(`${simulator.url}/network/v1/openapi.json`, 'GET')).body, committed)
})

test('the magic table is served', async (t) => {
  const simulator = await aSimulator(t)
  const { body } = await simulator.control('GET', '/magic')
  assert.equal((body.cases as unknown[]).length, 63)
  assert.ok((body.oneTimeTokens as unknown[]).length > 10)
  assert.ok((body.oneTimePasswords as unknown[]).length > 8)
})

test('the configuration has defaults, and names every fault at once', () => {
  assert.deepEqual(readSimulatorConfig({}), {
    host: '127.0.0.1',
    port: 4020,
    directory: '.gerbang/simulator',
  })
  assert.equal(readSimulatorConfig({ SIMULATOR_NETWORK_KEY: 'k', SIMULATOR_PORT: '0' }).networkKey, 'k')
  assert.throws(
    () =>
      readSimulatorConfig({
        ...{ SIMULATOR_PORT: 'x', SIMULATOR_NETWORK_KEY: 'a b' },
        SIMULATOR_PUBLIC_URL: 'ftp://x',
      }),
    /SIMULATOR_PORT[\s\S]*SIMULATOR_NETWORK_KEY[\s\S]*SIMULATOR_PUBLIC_URL/,
  )
})
