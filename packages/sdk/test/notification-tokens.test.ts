import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { NotificationError, notificationTokens } from '../src/index.ts'
import { KEYS, tokenRequest } from './notification-keys.ts'

const codeOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof NotificationError, String(error))
    return `${error.responseCode} ${error.responseMessage}`
  }
  assert.fail('it was answered')
}

test('a request with the signature of the gateway gets a token in the exact form of the protocol', () => {
  const tokens = notificationTokens(KEYS)
  const { headers, body } = tokens.answer({ headers: tokenRequest() })
  const { accessToken, ...rest } = body
  assert.deepEqual(rest, {
    responseCode: '2007300',
    responseMessage: 'Successful',
    tokenType: 'Bearer',
    expiresIn: 900,
    additionalInfo: '',
  })
  assert.deepEqual(Object.keys(headers), ['x-client-key', 'x-timestamp'])
  assert.ok(tokens.accepts(String(accessToken)))
  assert.notEqual(tokens.answer({ headers: tokenRequest() }).body.accessToken, accessToken)
})

test('a token is accepted by every process with the same secret, by no other, and not for long', () => {
  const now = Date.now()
  const { accessToken } = notificationTokens(KEYS).answer({ headers: tokenRequest() }).body
  const token = String(accessToken)
  const accepts = (change: object) => notificationTokens({ ...KEYS, ...change }).accepts(token)
  assert.ok(accepts({}))
  assert.ok(accepts({ gatewayPublicKey: createPublicKey(KEYS.gatewayPublicKey) }))
  assert.ok(!accepts({ clientSecret: 'SK-Other' }))
  assert.ok(!accepts({ clientId: 'BRN-OTHER' }))
  assert.ok(accepts({ clock: () => now + 890_000 }))
  assert.ok(!accepts({ clock: () => now + 902_000 }))
})

test('no one but the gateway gets a token', () => {
  const tokens = notificationTokens(KEYS)
  const ask = (headers: Record<string, string>) => codeOf(() => tokens.answer({ headers }))
  const day = 86_400_000
  assert.match(ask(tokenRequest({ 'x-signature': 'AAAA' })), /^4017300 Unauthorized\. Invalid Signature/)
  assert.match(ask(tokenRequest({ 'x-client-key': 'BRN-OTHER' })), /^4017300 Unauthorized\. Unknown Client/)
  assert.match(ask(tokenRequest({}, Date.now() - day)), /^4017300 Unauthorized\. X-TIMESTAMP/)
  assert.match(ask(tokenRequest({}, Date.now() + day)), /^4017300/)
  assert.match(ask(tokenRequest({ 'x-signature': '' })), /^4007302 .*X-SIGNATURE/)
  assert.match(ask(tokenRequest({ 'x-timestamp': 'now' })), /^4007301 .*X-TIMESTAMP/)
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
  const stranger = notificationTokens({ ...KEYS, gatewayPublicKey: other })
  assert.match(
    codeOf(() => stranger.answer({ headers: tokenRequest() })),
    /^4017300/,
  )
})
