import assert from 'node:assert/strict'
import { createHmac, createPublicKey, createSign, generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { aPayment, newId, now, PAYMENT_PATH } from '../merchant.ts'
import { expectRefusal, expectUntouched } from '../refusals.ts'
import { readAnswer, speak } from '../sockets.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(async () => {
  await expectUntouched(stage).finally(() => stage.close())
})

/** The lines of a valid request, to be written to a socket with something wrong about them. */
async function validRequest(): Promise<{ lines: string[]; body: string }> {
  const body = JSON.stringify(aPayment())
  const { token, timestamp, signature } = await stage.merchant.signatureFor(PAYMENT_PATH, body)
  const lines = [
    `POST ${PAYMENT_PATH} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: application/json',
    `X-PARTNER-ID: ${stage.merchant.keys.partnerId}`,
    `X-EXTERNAL-ID: ${newId()}`,
    `X-TIMESTAMP: ${timestamp}`,
    `X-SIGNATURE: ${signature}`,
    `Authorization: Bearer ${token}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return { lines, body }
}

const write = (lines: readonly string[], body = '') => `${lines.join('\r\n')}\r\n\r\n${body}`

async function expectSocketRefusal(words: string | Buffer, where: string): Promise<void> {
  const { status, head, body } = readAnswer(await speak(stage.url, words))
  expectRefusal({ status, text: body }, where)
  assert.match(head, /content-type: application\/json/i, where)
}

for (const name of ['X-PARTNER-ID', 'X-EXTERNAL-ID', 'X-TIMESTAMP', 'X-SIGNATURE', 'Authorization'])
  test(`${name} said twice is refused, the same and another, and in any case`, async () => {
    const { lines, body } = await validRequest()
    const line = lines.find((one) => one.startsWith(`${name}:`)) ?? ''
    for (const second of [line, `${name.toLowerCase()}: other`, `${name.toUpperCase()}: `]) {
      for (const twice of [lines.concat(second), lines.toSpliced(1, 0, second)]) {
        const { status, body: text } = readAnswer(await speak(stage.url, write(twice, body)))
        assert.equal(status, 400, second)
        assert.deepEqual(JSON.parse(text), {
          responseCode: '4005401',
          responseMessage: `Invalid Field Format ${name}`,
        })
      }
    }
  })

test('a content length said twice, or beside a chunked body, is refused', async () => {
  const { lines, body } = await validRequest()
  for (const more of ['Content-Length: 3', 'Transfer-Encoding: chunked', 'Content-Length: 3, 4'])
    await expectSocketRefusal(write(lines.concat(more), body), more)
})

const GARBAGE: Readonly<Record<string, string | Buffer>> = {
  words: 'hello there\r\n\r\n',
  'a TLS greeting': Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 0, 0]),
  'an unknown method': 'FETCH / HTTP/1.1\r\nHost: x\r\n\r\n',
  'an unknown version': 'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
  'no host': 'GET /healthz HTTP/1.1\r\n\r\n',
  'a header without a name': 'GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n',
  'a header with a NUL byte': 'GET / HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n',
  'a negative content length': `POST ${PAYMENT_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n`,
  'a content length that is no number': `POST ${PAYMENT_PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n`,
  'a broken chunk': `POST ${PAYMENT_PATH} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
  'headers of 32 KiB': `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(32_768)}\r\n\r\n`,
  'a signature of 20 KiB': `POST ${PAYMENT_PATH} HTTP/1.1\r\nHost: x\r\nX-SIGNATURE: ${'a'.repeat(20_480)}\r\n\r\n`,
  'a target of 20 KiB': `GET /${'a'.repeat(20_480)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  'a target with a broken escape': 'GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n',
  'an absolute target elsewhere': 'GET http://elsewhere.example/x HTTP/1.1\r\nHost: x\r\n\r\n',
  'a way up the tree': 'GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n',
  'a method of WebDAV': 'PROPFIND / HTTP/1.1\r\nHost: x\r\n\r\n',
  'an expectation that nobody meets': `POST ${PAYMENT_PATH} HTTP/1.1\r\nHost: x\r\nExpect: miracle\r\nContent-Length: 0\r\n\r\n`,
}
for (const [kind, words] of Object.entries(GARBAGE))
  test(`${kind} on the socket is answered in two members`, async () => {
    await expectSocketRefusal(words, kind)
  })

test('a chunked body is read like any other', async () => {
  const { lines, body } = await validRequest()
  const chunked = lines
    .filter((line) => !line.startsWith('Content-Length'))
    .concat('Transfer-Encoding: chunked')
  const refused = chunked.map((line) => (line.startsWith('X-SIGNATURE') ? 'X-SIGNATURE: AAAA' : line))
  const chunk = `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`
  const answer = readAnswer(await speak(stage.url, write(refused, chunk)))
  assert.equal(JSON.parse(answer.body).responseMessage, 'Unauthorized. Invalid Signature')
})

test('a body shorter than announced is never acted upon', async () => {
  const { lines, body } = await validRequest()
  const longer = lines.map((line) => (line.startsWith('Content-Length') ? 'Content-Length: 5000' : line))
  const text = await speak(stage.url, write(longer, body), 300)
  if (text !== '') expectRefusal({ status: readAnswer(text).status, text: readAnswer(text).body }, 'short')
})

test('a body longer than announced is cut, and its signature does not fit', async () => {
  const { lines, body } = await validRequest()
  const shorter = lines.map((line) => (line.startsWith('Content-Length') ? 'Content-Length: 20' : line))
  const text = await speak(stage.url, write(shorter, body))
  const [first = ''] = text.split('HTTP/1.1 ').filter(Boolean)
  assert.match(first, /^40[01] /)
  assert.doesNotMatch(text, /2005400/)
})

test('headers that never end hold nobody else up', async () => {
  const slow = speak(stage.url, 'POST / HTTP/1.1\r\nHost: x\r\nX-A: ', 1_000)
  expectRefusal(await stage.merchant.pay({ otp: '1' }), 'meanwhile')
  assert.equal(await slow, '')
  const { server } = stage.gateway.app
  assert.ok(server.headersTimeout > 0 && server.headersTimeout <= 60_000)
  assert.ok(server.requestTimeout > 0 && server.requestTimeout <= 60_000)
})

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a token that the gateway did not sign is refused, however it was made', async () => {
  const { partnerId } = stage.merchant.keys
  const claims = { exp: Math.floor(Date.now() / 1000) + 900, iss: 'DOKU', clientId: partnerId }
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const own = await readFile(stage.env.GERBANG_SIGNING_KEY_FILE ?? '', 'utf8')
  const publicPem = createPublicKey(own).export({ type: 'spki', format: 'pem' }).toString()
  const rs256 = (payload: object, key: typeof other | string, head: object = { alg: 'RS256' }) => {
    const text = `${encode(head)}.${encode(payload)}`
    return `${text}.${createSign('sha256').update(text).sign(key).toString('base64url')}`
  }
  const hs256 = (head: object) => {
    const text = `${encode(head)}.${encode(claims)}`
    return `${text}.${createHmac('sha256', publicPem).update(text).digest('base64url')}`
  }
  const good = rs256(claims, own)
  const tokens: Record<string, string> = {
    'alg none': `${encode({ alg: 'none' })}.${encode(claims)}.`,
    'alg none with our signature': `${encode({ alg: 'none' })}.${encode(claims)}.${good.split('.')[2]}`,
    'HS256 under the public key': hs256({ alg: 'HS256' }),
    'RS512 of our key': rs256(claims, own, { alg: 'RS512' }),
    'another key': rs256(claims, other),
    'another key and a jwk': rs256(claims, other, {
      alg: 'RS256',
      jwk: createPublicKey(other).export({ format: 'jwk' }),
    }),
    'another issuer': rs256({ ...claims, iss: 'SOMEBODY' }, own),
    'no issuer': rs256({ exp: claims.exp, clientId: partnerId }, own),
    'no end': rs256({ iss: 'DOKU', clientId: partnerId }, own),
    'an end in the past': rs256({ ...claims, exp: claims.exp - 2000 }, own),
    'no client': rs256({ exp: claims.exp, iss: 'DOKU' }, own),
    'a client that is a list': rs256({ ...claims, clientId: [partnerId] }, own),
    'claims changed': `${good.split('.')[0]}.${encode({ ...claims, exp: claims.exp + 1 })}.${good.split('.')[2]}`,
    'one part': 'abc',
    'four parts': `${good}.x`,
    'an empty signature': `${good.split('.').slice(0, 2).join('.')}.`,
    'a long one': 'a'.repeat(4096),
  }
  for (const [kind, token] of Object.entries(tokens)) {
    const answer = await stage.merchant.pay({}, { token })
    expectRefusal(answer, kind)
    assert.equal(answer.body.responseCode, '4015401', kind)
  }
  assert.equal((await stage.merchant.pay({ otp: '1' }, { token: good })).body.responseCode, '4005401')
})

const BAD_HEADERS: Readonly<Record<string, readonly string[]>> = {
  'X-PARTNER-ID': ['a b', 'a/b', "'; drop table partners; --", 'é', 'x'.repeat(65)],
  'X-EXTERNAL-ID': ['é', 'x'.repeat(65), 'a\tb'],
  'X-TIMESTAMP': [
    'now',
    '2026-13-01T00:00:00Z',
    '2026-05-26 10:00:00+07:00',
    `${now()} `.repeat(2),
    '+275760-09-13T00:00:00Z',
    '2026-05-26T10:00:00',
    '2026-05-26T10:00:00+15:00',
  ],
  'X-SIGNATURE': ['é', 'a b', 'x'.repeat(1025)],
}
for (const [name, values] of Object.entries(BAD_HEADERS))
  test(`${name} of a wrong form is named in the refusal`, async () => {
    for (const value of values) {
      const answer = await stage.merchant.pay({}, { headers: { [name]: value } })
      expectRefusal(answer, `${name}: ${value}`)
      assert.equal(answer.body.responseMessage, `Invalid Field Format ${name}`)
    }
  })

for (const type of [undefined, 'text/plain', 'application/json; charset=utf-8', 'application/xml'])
  test(`the content type ${type} does not matter`, async () => {
    const answer = await stage.merchant.pay({ otp: '1' }, { headers: { 'Content-Type': type } })
    assert.equal(answer.body.responseMessage, 'Invalid Field Format otp')
  })

test('a content type that is none is a bad request', async () => {
  const answer = await stage.merchant.pay({}, { headers: { 'Content-Type': 'nonsense' } })
  assert.deepEqual(answer.body, { responseCode: '4005400', responseMessage: 'Bad Request' })
})
