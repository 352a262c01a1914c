import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { SnapClient, ValidationError } from '../src/index.ts'
import {
  answer,
  CLIENT_ID,
  CLIENT_SECRET,
  clientOf,
  ORDER,
  openStandIn,
  PRIVATE_KEY,
} from './gateway-stand-in.ts'

const KEY_LINE = PRIVATE_KEY.split('\n')[1] ?? ''

function assertSilent(text: string): void {
  const secrets = { CLIENT_SECRET, KEY_LINE, token: 'token-1', cpan: ORDER.chargeToken, ott: ORDER.otp }
  for (const [name, secret] of Object.entries(secrets)) assert.ok(!text.includes(secret), name)
}

test('printing a client shows no secret, however deep one looks', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway)
  await client.accessToken()
  const deep = { depth: 20, showHidden: true, getters: true } as const
  for (const text of [
    inspect(client),
    inspect({ client }, deep),
    inspect(client, deep),
    JSON.stringify({ client }),
  ]) {
    assertSilent(text)
    assert.match(text, /\[redacted\]/)
    assert.ok(text.includes(CLIENT_ID))
  }
})

test('no error holds a secret, a card number or a token', async (t) => {
  const gateway = await openStandIn(t)
  const causes = { refused: answer('4035414'), silent: 'break', garbled: { status: 200, body: 'x' } } as const
  for (const reply of Object.values(causes)) {
    gateway.answers = [reply]
    const error = await clientOf(gateway)
      .pay(ORDER)
      .catch((caught: unknown) => caught)
    assert.ok(error instanceof Error)
    assertSilent(inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + error.stack)
  }
})

test('a faulty option is named and its value is not shown', () => {
  const right = {
    baseUrl: 'http://127.0.0.1:1',
    clientId: 'C',
    clientSecret: CLIENT_SECRET,
    privateKey: PRIVATE_KEY,
  }
  const faults = {
    baseUrl: ['', 'localhost:4010', 'ftp://x', 'http://user:pass@x', 'http://x/?a=1'],
    clientId: [''],
    clientSecret: ['', `${CLIENT_SECRET}\n`, ` ${CLIENT_SECRET}`],
    privateKey: ['', 'SECRET-TEXT', PRIVATE_KEY.replace('BEGIN', 'END')],
    timeoutMs: [0, 1.5, Number.NaN],
    retries: [-1, 11],
  }
  for (const [field, values] of Object.entries(faults)) {
    for (const value of values) {
      const make = () => new SnapClient({ ...right, [field]: value })
      assert.throws(make, (error) => {
        assert.ok(error instanceof ValidationError)
        assert.equal(error.field, field)
        assertSilent(inspect(error))
        return true
      })
    }
  }
})
