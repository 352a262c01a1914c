import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { CONTRACTS } from '@gerbang/snap'
import { type Answer, PAYMENT_PATH, STATUS_PATH, send, TOKEN_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const get = (path: string, headers = {}, method = 'GET'): Promise<Answer> =>
  send(stage.url, `${method} ${path}`, headers, '')

for (const path of ['/', '/nothing', `${PAYMENT_PATH}/`, '/direct-debit/core/v1/debit/nothing', '/healthz/x'])
  test(`nobody serves ${path}, which is a function that is not supported`, async () => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const { status, body } = await get(path, {}, method)
      assert.equal(status, 405)
      assert.deepEqual(body, {
        responseCode: '4050000',
        responseMessage: 'Requested Function Is Not Supported',
      })
    }
  })

for (const [path, service] of [
  [TOKEN_PATH, '73'],
  [PAYMENT_PATH, '54'],
  [STATUS_PATH, '55'],
] as const)
  test(`methods other than POST are not allowed on ${path}, and Allow says which is`, async () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD']) {
      const { status, headers, text } = await get(`${path}?x=1`, {}, method)
      assert.equal(status, 405, method)
      assert.equal(headers.allow, 'POST')
      assert.match(String(headers['x-timestamp']), /\+07:00$/)
      const words = {
        responseCode: `405${service}01`,
        responseMessage: 'Requested Opearation Is Not Allowed',
      }
      assert.equal(text, method === 'HEAD' ? '' : JSON.stringify(words))
    }
  })

test('every reply of an operation bears the time, the client and a request id that the log has too', async () => {
  stage.logged.length = 0
  const { headers } = await stage.merchant.pay()
  assert.match(String(headers['x-timestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00$/)
  assert.equal(headers['x-client-key'], stage.merchant.keys.partnerId)
  const lines = stage.logged.map((line) => JSON.parse(line))
  assert.ok(lines.some(({ requestId }) => requestId === headers['x-request-id']))
})

test('the process is alive and ready', async () => {
  for (const path of ['/healthz', '/readyz']) {
    const { status, body } = await get(path)
    assert.deepEqual([status, body], [200, { status: 'ok' }])
  }
})

test('without a database the process is alive and not ready, and says so to a partner in two members', async () => {
  const { url } = await stage.openAnother(
    {},
    { DATABASE_URL: 'postgres://nobody:secret-word@127.0.0.1:1/none' },
  )
  assert.equal((await send(url, 'GET /healthz', {}, '')).status, 200)
  const ready = await send(url, 'GET /readyz', {}, '')
  assert.equal(ready.status, 503)
  assert.doesNotMatch(ready.text, /secret-word|ECONN|127\.0/)
  const answer = await stage.merchant.pay({}, { baseUrl: url })
  assert.deepEqual([answer.status, answer.body.responseCode], [500, '5005400'])
  assert.deepEqual(Object.keys(answer.body), ['responseCode', 'responseMessage'])
})

test('metrics are Prometheus text of the gateway’s own names, and no partner is in a label', async () => {
  await stage.merchant.pay()
  const { headers, text } = await get('/metrics')
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/)
  for (const name of ['request_seconds', 'payments_total', 'commit_calls', 'faults_total'])
    assert.match(text, new RegExp(`^# TYPE gerbang_${name} `, 'm'))
  assert.match(text, /^gerbang_payments_total\{state="paid"\} [1-9]/m)
  const counts =
    /^gerbang_request_seconds_count\{operation="payment-host-to-host",response_code="2005400"\} [1-9]/m
  assert.match(text, counts)
  for (const line of text.split('\n'))
    assert.match(line, /^(#.*|[a-zA-Z_:][\w:]*(\{[^}]*\})? [-+\d.eEInfNa]+)?$/)
  assert.ok(!text.includes(stage.merchant.keys.partnerId))
})

test('the served document is OpenAPI 3.1 with every operation of the contracts', async () => {
  const { body } = await get('/openapi.json')
  assert.equal(body.openapi, '3.1.0')
  assert.deepEqual(
    Object.keys(body.paths),
    CONTRACTS.map(({ path }) => path),
  )
})

test('the reference page asks for nothing from elsewhere', async () => {
  const page = await get('/reference')
  assert.equal(page.status, 200)
  assert.match(String(page.headers['content-type']), /^text\/html/)
  assert.doesNotMatch(page.text, /(https?:)?\/\/[a-z]/i, 'no URL of another host')
  const policy = String(page.headers['content-security-policy'])
  assert.match(policy, /default-src 'none'/)
  assert.doesNotMatch(policy, /https?:|\*|unsafe-eval|script-src[^;]*unsafe/)
  assert.equal(page.headers['x-content-type-options'], 'nosniff')
  for (const [, path = ''] of page.text.matchAll(/(?:src|href|spec-url)="(?!data:)([^"]+)"/g))
    assert.equal((await get(path)).status, 200, path)
})

test('the reference’s script is served once and then only confirmed', async () => {
  const script = await get('/reference/rapidoc.js')
  assert.match(String(script.headers['content-type']), /^text\/javascript/)
  const etag = String(script.headers.etag)
  assert.match(etag, /^"[\w-]{43}"$/)
  assert.equal((await get('/reference/rapidoc.js', { 'If-None-Match': etag })).status, 304)
  assert.equal((await get('/reference/rapidoc.js', { 'If-None-Match': '"other"' })).status, 200)
})

test('what comes on a kept connection while the gateway closes is answered by SNAP’s rules', async () => {
  const { gateway, url } = await stage.openAnother()
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const head = ['Host: x', 'Content-Type: application/json', `Content-Length: 2`].join('\r\n')
  const garbage = `POST ${STATUS_PATH} HTTP/1.1\r\n${head}\r\n\r\n{}`
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  const ended = once(socket, 'close')
  // Half of its head is here when the gateway begins to close, so the connection is not idle.
  socket.write(garbage.slice(0, 40))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const closed = gateway.close()
  await new Promise((resolve) => setTimeout(resolve, 50))
  socket.write(garbage.slice(40))
  await Promise.all([closed, ended])
  assert.match(text, /^HTTP\/1\.1 400 /)
  assert.doesNotMatch(text, /Service Unavailable|503/)
  await gateway.close()
})
