import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/clock.ts'
import { now, send, TOKEN_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const WIB_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00$/

function decode(part: string | undefined): unknown {
  return JSON.parse(Buffer.from(part ?? '', 'base64url').toString())
}

test('the reply has the six members of the standard, in order, with the JSON types that clients can parse', async () => {
  const answer = await stage.merchant.askToken()
  assert.equal(answer.status, 200)
  const { accessToken, ...others } = answer.body
  assert.deepEqual(Object.keys(answer.body), [
    'responseCode',
    'responseMessage',
    'accessToken',
    'tokenType',
    'expiresIn',
    'additionalInfo',
  ])
  assert.deepEqual(others, {
    responseCode: '2007300',
    responseMessage: 'Successful',
    tokenType: 'Bearer',
    expiresIn: 900,
    additionalInfo: '',
  })
  assert.equal(typeof accessToken, 'string')
})

test('the token is an RS256 JWT of exp, iss and clientId that the gateway’s public key verifies', async () => {
  const { body } = await stage.merchant.askToken()
  const [head, payload, signature, ...more] = String(body.accessToken).split('.')
  assert.deepEqual(more, [])
  assert.deepEqual(decode(head), { alg: 'RS256' })
  const claims = decode(payload) as { exp: number }
  assert.deepEqual(Object.keys(claims), ['exp', 'iss', 'clientId'])
  assert.deepEqual(claims, { exp: claims.exp, iss: 'DOKU', clientId: stage.merchant.keys.partnerId })
  assert.ok(Math.abs(claims.exp - Date.now() / 1000 - 900) < 10)

  const publicKey = createPublicKey(await readFile(stage.env.GERBANG_SIGNING_KEY_FILE ?? ''))
  const signed = Buffer.from(`${head}.${payload}`)
  assert.ok(verify('sha256', signed, publicKey, Buffer.from(signature ?? '', 'base64url')))
})

test('the reply headers echo the client key and tell the time of Jakarta', async () => {
  const { headers } = await stage.merchant.askToken()
  assert.equal(headers['x-client-key'], stage.merchant.keys.partnerId)
  assert.match(String(headers['x-timestamp']), WIB_TIME)
  assert.ok(Math.abs(Date.parse(String(headers['x-timestamp'])) - Date.now()) < 10_000)
  assert.match(String(headers['content-type']), /^application\/json/)
})

for (const form of [
  new Date().toISOString(),
  `${new Date().toISOString().slice(0, 19)}Z`,
  now(),
  now().replace('+07:00', '+0700'),
])
  test(`the timestamp form ${form.replace(/\d/g, '9')} is accepted`, async () => {
    assert.equal((await stage.merchant.askToken({ timestamp: form })).status, 200)
  })

for (const additionalInfo of ['[]', '""', '{}', 'null', '5', 'true', '"words"', '[{"a":[]}]'])
  test(`additionalInfo ${additionalInfo} is ignored`, async () => {
    const body = `{"grantType":"client_credentials","additionalInfo":${additionalInfo}}`
    assert.equal((await stage.merchant.askToken({ body })).status, 200)
  })

for (const grantType of ['client_credentials', 'CLIENT_CREDENTIALS', 'Client_Credentials'])
  test(`the grant type ${grantType} is accepted`, async () => {
    assert.equal((await stage.merchant.askToken({ body: JSON.stringify({ grantType }) })).status, 200)
  })

const BAD_BODIES: Readonly<Record<string, readonly [code: string, message: string]>> = {
  '{"grantType":"password"}': ['4007301', 'Invalid Field Format grantType'],
  '{"grantType":7}': ['4007301', 'Invalid Field Format grantType'],
  '{"grantType":""}': ['4007302', 'Invalid Mandatory Field grantType'],
  '{"grantType":null}': ['4007302', 'Invalid Mandatory Field grantType'],
  '{}': ['4007302', 'Invalid Mandatory Field grantType'],
  '[]': ['4007301', 'Invalid Field Format body'],
  null: ['4007301', 'Invalid Field Format body'],
  '': ['4007300', 'Bad Request'],
  '{"grantType"': ['4007300', 'Bad Request'],
  '{"grantType":"client_credentials","grantType":"x"}': ['4007300', 'Bad Request'],
}
for (const [body, [responseCode, responseMessage]] of Object.entries(BAD_BODIES))
  test(`the body ${body || '(none)'} is answered with ${responseCode}`, async () => {
    const answer = await stage.merchant.askToken({ body })
    assert.equal(answer.status, 400)
    assert.deepEqual(answer.body, { responseCode, responseMessage })
  })

for (const name of ['X-CLIENT-KEY', 'X-TIMESTAMP', 'X-SIGNATURE']) {
  test(`without ${name} the answer names it`, async () => {
    for (const value of [undefined, '', '   ']) {
      const { status, body } = await stage.merchant.askToken({ headers: { [name]: value } })
      assert.equal(status, 400)
      assert.deepEqual(body, {
        responseCode: '4007302',
        responseMessage: `Invalid Mandatory Field ${name}`,
      })
    }
  })
}

test('an unknown client is unauthorized, and its id is not taken over into a reply header when it is none', async () => {
  const unknown = await stage.merchant.askToken({ headers: { 'X-CLIENT-KEY': 'BRN-0000-0000000000000' } })
  assert.equal(unknown.status, 401)
  assert.deepEqual(unknown.body, {
    responseCode: '4017300',
    responseMessage: 'Unauthorized. Unknown Client',
  })
  const strange = await stage.merchant.askToken({ headers: { 'X-CLIENT-KEY': '<script>' } })
  assert.equal(strange.body.responseCode, '4007301')
  assert.equal(strange.headers['x-client-key'], undefined)
})

test('a clock that is put back does not keep a suspended partner', async () => {
  const merchant = await stage.addMerchant()
  let ahead = 3_600_000
  const clock = { ...systemClock, now: () => Date.now() + ahead }
  const { url } = await stage.openAnother({ clock })
  assert.equal((await merchant.askToken({ baseUrl: url, timestamp: now(ahead) })).status, 200)
  await stage.query("update partners set state = 'suspended' where partner_id = $1", [
    merchant.keys.partnerId,
  ])
  ahead = 0
  assert.equal((await merchant.askToken({ baseUrl: url })).status, 401)
})

test('a suspended partner is an unknown client', async () => {
  const merchant = await stage.addMerchant()
  await stage.query("update partners set state = 'suspended' where partner_id = $1", [
    merchant.keys.partnerId,
  ])
  const { body } = await merchant.askToken()
  assert.deepEqual(body, { responseCode: '4017300', responseMessage: 'Unauthorized. Unknown Client' })
})

test('a wrong signature is unauthorized in whatever way it is wrong', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const text = `${stage.merchant.keys.partnerId}|${now()}`
  const own = (words: string) => sign('sha256', Buffer.from(words), stage.merchant.keys.privateKey)
  const wrong = {
    'another key': sign('sha256', Buffer.from(text), privateKey).toString('base64'),
    'another text': own('anything').toString('base64'),
    hex: own(text).toString('hex'),
    base64url: own(text).toString('base64url'),
    garbage: 'AAAA',
    'a word': 'signature',
  }
  for (const [kind, signature] of Object.entries(wrong)) {
    const timestamp = text.split('|')[1] ?? ''
    const { status, body } = await stage.merchant.askToken({
      timestamp,
      headers: { 'X-SIGNATURE': signature },
    })
    assert.equal(status, 401, kind)
    assert.deepEqual(body, { responseCode: '4017300', responseMessage: 'Unauthorized. Invalid Signature' })
  }
})

for (const [kind, offsetMs] of [
  ['stale', -301_000],
  ['future', 302_000],
] as const)
  test(`a ${kind} timestamp is unauthorized, and one inside five minutes is not`, async () => {
    const { status, body } = await stage.merchant.askToken({ timestamp: now(offsetMs) })
    assert.equal(status, 401)
    assert.deepEqual(body, { responseCode: '4017300', responseMessage: 'Unauthorized. Timestamp expired' })
    assert.equal((await stage.merchant.askToken({ timestamp: now(offsetMs * 0.9) })).status, 200)
  })

for (const timestamp of [
  '2026-05-26',
  'yesterday',
  '2026-02-30T10:00:00+07:00',
  '2026-05-26T10:00:00+5.5:30',
  '0',
])
  test(`the timestamp ${timestamp} is a format error`, async () => {
    const { status, body } = await stage.merchant.askToken({ timestamp })
    assert.equal(status, 400)
    assert.deepEqual(body, {
      responseCode: '4007301',
      responseMessage: 'Invalid Field Format X-TIMESTAMP',
    })
  })

test('faults are told in the order header, client, signature, time, body', async () => {
  const stranger = { 'X-CLIENT-KEY': 'nobody' }
  const badSignature = { 'X-SIGNATURE': 'AAAA' }
  const late = now(-900_000)
  const steps = [
    [
      { headers: { ...stranger, 'X-SIGNATURE': undefined }, timestamp: 'x' },
      'Invalid Mandatory Field X-SIGNATURE',
    ],
    [{ headers: stranger, timestamp: 'x' }, 'Invalid Field Format X-TIMESTAMP'],
    [{ headers: { ...stranger, ...badSignature }, timestamp: late }, 'Unauthorized. Unknown Client'],
    [{ headers: badSignature, timestamp: late, body: '{' }, 'Unauthorized. Invalid Signature'],
    [{ timestamp: late, body: '{' }, 'Unauthorized. Timestamp expired'],
  ] as const
  for (const [changes, message] of steps)
    assert.equal((await stage.merchant.askToken(changes)).body.responseMessage, message)
})

test('every unexpired token is valid, so that processes of one partner need not share', async () => {
  const tokens = await Promise.all([1, 2].map(async () => (await stage.merchant.askToken()).body.accessToken))
  for (const token of tokens) assert.equal((await stage.merchant.pay({}, { token })).status, 200)
})

test('a token request without a content type is read all the same', async () => {
  const timestamp = now()
  const text = `${stage.merchant.keys.partnerId}|${timestamp}`
  const signature = sign('sha256', Buffer.from(text), stage.merchant.keys.privateKey).toString('base64')
  const headers = {
    'Content-Type': undefined,
    'X-CLIENT-KEY': stage.merchant.keys.partnerId,
    'X-TIMESTAMP': timestamp,
    'X-SIGNATURE': signature,
  }
  const answer = await send(stage.url, TOKEN_PATH, headers, '{"grantType":"client_credentials"}')
  assert.equal(answer.status, 200)
})
