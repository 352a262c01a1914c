import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearerToken, HEADERS, headerValue, readTokenHeaders, readTransactionHeaders } from './headers.ts'

const sent = {
  'x-partner-id': 'BRN-0211-1696919651918',
  'x-external-id': 'ext-bind-20260526-00001',
  'x-timestamp': '2026-05-26T10:00:00.000+07:00',
  'x-signature': 'c2lnbmF0dXJl',
}

test('the headers of a transaction are read, the timestamp as signed and as an instant', () => {
  assert.deepEqual(readTransactionHeaders(sent), {
    partnerId: 'BRN-0211-1696919651918',
    externalId: 'ext-bind-20260526-00001',
    timestamp: '2026-05-26T10:00:00.000+07:00',
    timestampMs: Date.UTC(2026, 4, 26, 3),
    signature: 'c2lnbmF0dXJl',
  })
})

test('a token request names its client and needs no external id', () => {
  const { 'x-timestamp': timestamp, 'x-signature': signature } = sent
  const headers = { 'x-client-key': 'MCH-1', 'x-timestamp': timestamp, 'x-signature': signature }
  assert.deepEqual(readTokenHeaders(headers), {
    clientKey: 'MCH-1',
    timestamp,
    timestampMs: Date.UTC(2026, 4, 26, 3),
    signature,
  })
  assert.deepEqual(readTokenHeaders(sent), { outcome: 'invalidMandatoryField', detail: 'X-CLIENT-KEY' })
})

test('each mandatory header is missed when it is absent or empty', () => {
  for (const { name, requiredOn } of HEADERS) {
    if (requiredOn !== 'transaction' && requiredOn !== 'both') continue
    for (const value of [undefined, '', ' ']) {
      const headers = { ...sent, [name.toLowerCase()]: value }
      assert.deepEqual(readTransactionHeaders(headers), { outcome: 'invalidMandatoryField', detail: name })
    }
  }
})

test('a header that the operation wants besides is missed like any other, before one that is malformed', () => {
  const read = (headers: object) => readTransactionHeaders({ ...sent, ...headers }, ['X-IP-ADDRESS'])
  const missing = { outcome: 'invalidMandatoryField', detail: 'X-IP-ADDRESS' }
  assert.deepEqual(read({}), missing)
  assert.deepEqual(read({ 'x-ip-address': ' ', 'x-timestamp': 'soon' }), missing)
  assert.ok(!('outcome' in read({ 'x-ip-address': '1.1.1.1' })))
  assert.ok(!('outcome' in readTransactionHeaders(sent)))
})

test('a missing header is named before a malformed one', () => {
  const headers = { ...sent, 'x-partner-id': 'not an id', 'x-external-id': '' }
  assert.deepEqual(readTransactionHeaders(headers), {
    outcome: 'invalidMandatoryField',
    detail: 'X-EXTERNAL-ID',
  })
})

test('each format has its limit', () => {
  const malformed: [keyof typeof sent, string, string][] = [
    ['x-partner-id', 'X-PARTNER-ID', 'a/b'],
    ['x-partner-id', 'X-PARTNER-ID', 'a'.repeat(65)],
    ['x-external-id', 'X-EXTERNAL-ID', 'a'.repeat(65)],
    ['x-external-id', 'X-EXTERNAL-ID', 'é'],
    ['x-external-id', 'X-EXTERNAL-ID', 'a\u0000'],
    ['x-timestamp', 'X-TIMESTAMP', '2026-05-26'],
    ['x-signature', 'X-SIGNATURE', 'two words'],
  ]
  for (const [header, detail, value] of malformed) {
    assert.deepEqual(
      readTransactionHeaders({ ...sent, [header]: value }),
      { outcome: 'invalidFieldFormat', detail },
      value,
    )
  }
  const longest = { ...sent, 'x-partner-id': 'a'.repeat(64), 'x-external-id': '~'.repeat(64) }
  assert.ok('partnerId' in readTransactionHeaders(longest))
})

test('a header sent twice is one value, which no timestamp survives', () => {
  const headers = { ...sent, 'x-timestamp': [sent['x-timestamp'], sent['x-timestamp']] }
  assert.deepEqual(readTransactionHeaders(headers), { outcome: 'invalidFieldFormat', detail: 'X-TIMESTAMP' })
  assert.equal(headerValue({ 'channel-id': ['DH', 'H2H'] }, 'CHANNEL-ID'), 'DH, H2H')
})

test('a bearer token comes with its word in any case or without it', () => {
  for (const value of ['Bearer abc.def', 'bearer abc.def', 'BEARER  abc.def', 'abc.def', ' abc.def ']) {
    assert.equal(bearerToken(value), 'abc.def')
  }
  for (const value of [undefined, '', ' ', 'Bearer', 'Bearer ']) assert.equal(bearerToken(value), undefined)
  assert.equal(bearerToken('Bearerabc'), 'Bearerabc')
})
