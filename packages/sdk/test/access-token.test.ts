import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RefusedError } from '../src/index.ts'
import { answer, clientOf, ORDER, openStandIn, snap } from './gateway-stand-in.ts'

test('the constructor sends nothing, and concurrent calls share one token', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('2005400')]
  const client = clientOf(gateway)
  assert.equal(gateway.tokensIssued, 0)
  const tokens = await Promise.all(Array.from({ length: 10 }, () => client.accessToken()))
  await Promise.all([client.pay(ORDER), client.pay(ORDER)])
  assert.deepEqual([...new Set(tokens)], ['token-1'])
  assert.equal(gateway.tokensIssued, 1)
  assert.deepEqual(gateway.faults, [])
})

test('a token is renewed before it expires', async (t) => {
  const gateway = await openStandIn(t)
  let now = Date.parse('2026-11-21T03:00:00Z')
  const client = clientOf(gateway, { clock: () => now })
  assert.equal(await client.accessToken(), 'token-1')
  now += 839_000
  assert.equal(await client.accessToken(), 'token-1')
  now += 2_000
  assert.equal(await client.accessToken(), 'token-2')
})

test('a token that the gateway refuses is renewed once, under the same external id', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('4015401'), answer('2005400')]
  const client = clientOf(gateway, { retries: 0 })
  assert.equal((await client.pay(ORDER)).status, 'paid')
  assert.deepEqual(
    gateway.seen.map(({ accessToken }) => accessToken),
    ['token-1', 'token-2'],
  )
  assert.equal(new Set(gateway.seen.map(({ externalId }) => externalId)).size, 1)

  gateway.answers = [answer('4015401')]
  const error = await client.pay(ORDER).catch((caught: unknown) => caught)
  assert.ok(error instanceof RefusedError)
  assert.deepEqual([error.outcome, error.money, gateway.seen.length], ['invalidTokenB2b', 'not-moved', 4])
})

test('a refused token request is told as such, and the next call asks again', async (t) => {
  const gateway = await openStandIn(t)
  gateway.tokenAnswers = [{ status: 401, body: snap('4017300', 'Unauthorized. Invalid Signature') }]
  gateway.answers = [answer('2005400')]
  const client = clientOf(gateway)
  const error = await client.pay(ORDER).catch((caught: unknown) => caught)
  assert.ok(error instanceof RefusedError)
  assert.deepEqual([error.responseCode, error.outcome, error.money], ['4017300', 'unauthorized', 'not-moved'])
  assert.equal((await client.pay(ORDER)).status, 'paid')
})

test('a token request that meets silence is tried again', async (t) => {
  const gateway = await openStandIn(t)
  gateway.tokenAnswers = ['break', { status: 503, body: 'busy' }]
  assert.equal(await clientOf(gateway).accessToken(), 'token-1')
})

test('a renewal that fails in mid-payment does not hide that the first attempt may have paid', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = ['break', answer('4015401')]
  const client = clientOf(gateway)
  await client.accessToken()
  gateway.tokenAnswers = [{ status: 401, body: snap('4017300') }]
  await assert.rejects(client.pay(ORDER), { name: 'AuthError', money: 'unknown' })
})
