import assert from 'node:assert/strict'
import { createServer, request as httpRequest, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { serve } from '@hono/node-server'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import * as forExpress from '../src/express.ts'
import * as forFastify from '../src/fastify.ts'
import * as forHono from '../src/hono.ts'
import { type Notification, type ReceiverOptions, signForTest, ValidationError } from '../src/index.ts'
import { KEYS, tokenRequest } from './notification-keys.ts'

const express4 = createRequire(import.meta.url)('express4') as typeof express
const TOKEN_PATH = '/shop/token'
const NOTIFY_PATH = '/shop/notify'

/** Starts a shop with the two endpoints, and a route that parses JSON as its framework does. */
type OpenShop = (t: TestContext, options: ReceiverOptions) => Promise<string>

async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const openExpress =
  (of: typeof express): OpenShop =>
  async (t, options) => {
    const app = of()
    app.set('env', 'test')
    const { token, notify } = forExpress.notifications(options)
    app.post(TOKEN_PATH, token)
    app.post(NOTIFY_PATH, notify)
    app.use(of.json())
    app.post('/echo', (request, response) => void response.json(request.body))
    return listen(t, app)
  }

const openFastify: OpenShop = async (t, options) => {
  const app = Fastify()
  app.register(forFastify.notifications({ ...options, tokenPath: '/token', notifyPath: '/notify' }), {
    prefix: '/shop',
  })
  app.post('/echo', async (request) => request.body)
  t.after(() => app.close())
  return app.listen({ port: 0, host: '127.0.0.1' })
}

const openHono: OpenShop = async (t, options) => {
  const app = new Hono()
  const { token, notify } = forHono.notifications(options)
  app.onError((error, context) => context.text(error.message, 500))
  app.post(TOKEN_PATH, token)
  app.post(NOTIFY_PATH, notify)
  app.post('/echo', async (context) => context.json(await context.req.json()))
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const SHOPS: Readonly<Record<string, OpenShop>> = {
  'Express 5': openExpress(express),
  'Express 4': openExpress(express4),
  Fastify: openFastify,
  Hono: openHono,
}

interface Told {
  readonly status: number
  readonly text: string
  readonly contentType: string
}

async function post(url: string, headers: Record<string, string>, body: Uint8Array | string): Promise<Told> {
  const response = await fetch(url, { method: 'POST', headers, body: body as string })
  const contentType = response.headers.get('content-type') ?? ''
  return { status: response.status, text: await response.text(), contentType }
}

/** The token as the gateway gets it, then a notification that is signed with it. */
async function notifyThrough(shop: string, body?: Record<string, unknown>): Promise<Told> {
  const sample = signForTest(KEYS, { url: `${shop}${NOTIFY_PATH}`, ...(body && { body }) })
  return post(sample.url, sample.headers, sample.rawBody)
}

for (const [name, open] of Object.entries(SHOPS)) {
  test(`${name}: the gateway gets its token, its news is believed and acknowledged`, async (t) => {
    const news: Notification[] = []
    const note = async (one: Notification) => void news.push(one)
    const shop = await open(t, { ...KEYS, onPayment: note, onBinding: note })
    const asked = await post(shop + TOKEN_PATH, tokenRequest(), '{"grantType":"client_credentials"}')
    assert.equal(asked.status, 200)
    assert.deepEqual(Object.keys(JSON.parse(asked.text)), [
      'responseCode',
      'responseMessage',
      'accessToken',
      'tokenType',
      'expiresIn',
      'additionalInfo',
    ])
    const paid = await notifyThrough(shop)
    assert.deepEqual([paid.status, JSON.parse(paid.text).responseCode], [200, '2005600'])
    assert.match(paid.contentType, /^application\/json/)
    const bound = await notifyThrough(shop, {
      originalExternalId: 'E-2',
      additionalInfo: { status: 'SUCCESS', bankCardToken: 'b'.repeat(32) },
    })
    assert.deepEqual([bound.status, JSON.parse(bound.text).responseCode], [200, '2000700'])
    assert.deepEqual(
      news.map(({ type, status }) => [type, status]),
      [
        ['payment', 'paid'],
        ['binding', 'bound'],
      ],
    )
  })

  test(`${name}: the bytes are judged as they arrived, and the rest of the shop still parses JSON`, async (t) => {
    let calls = 0
    const shop = await open(t, { ...KEYS, onPayment: () => calls++ })
    const sample = signForTest(KEYS, { url: NOTIFY_PATH })
    const spaced = sample.rawBody.toString().replaceAll('":', '" :')
    assert.equal((await post(shop + NOTIFY_PATH, sample.headers, spaced)).status, 200)
    const changed = sample.rawBody.toString().replace('10000.00', '10000.01')
    const refused = await post(shop + NOTIFY_PATH, sample.headers, changed)
    assert.deepEqual([refused.status, JSON.parse(refused.text).responseCode], [401, '4015600'])
    const cut = await post(shop + NOTIFY_PATH, sample.headers, sample.rawBody.subarray(0, 20))
    assert.deepEqual([cut.status, JSON.parse(cut.text).responseCode], [400, '4005600'])
    const empty = await post(shop + NOTIFY_PATH, sample.headers, '')
    assert.deepEqual([empty.status, JSON.parse(empty.text).responseCode], [400, '4005600'])
    assert.equal(calls, 1)
    const echo = await post(`${shop}/echo`, { 'content-type': 'application/json' }, '{"a":1}')
    assert.deepEqual(JSON.parse(echo.text), { a: 1 })
  })

  test(`${name}: who is not the gateway gets neither a token nor a hearing`, async (t) => {
    const shop = await open(t, { ...KEYS, onPayment: () => assert.fail('it was believed') })
    const token = await post(shop + TOKEN_PATH, tokenRequest({ 'x-signature': 'AAAA' }), '{}')
    assert.deepEqual([token.status, JSON.parse(token.text).responseCode], [401, '4017300'])
    const sample = signForTest(KEYS, { url: NOTIFY_PATH })
    const madeUp = { ...sample.headers, authorization: 'Bearer made-up' }
    const heard = await post(shop + NOTIFY_PATH, madeUp, sample.rawBody)
    assert.deepEqual([heard.status, JSON.parse(heard.text).responseCode], [401, '4015601'])
  })

  test(`${name}: a callback that throws leaves the news unacknowledged`, async (t) => {
    const silenced = t.mock.method(console, 'error', () => {})
    const onPayment = async () => Promise.reject(new Error('no database'))
    const shop = await open(t, { ...KEYS, onPayment })
    assert.equal((await notifyThrough(shop)).status, 500)
    silenced.mock.restore()
  })

  test(`${name}: news that was seen before is acknowledged without a call`, async (t) => {
    const acted = new Set<string>()
    let calls = 0
    const shop = await open(t, {
      ...KEYS,
      seen: async (id) => acted.has(id),
      onPayment: ({ id }) => {
        calls++
        acted.add(id)
      },
    })
    for (let n = 0; n < 3; n++) assert.equal((await notifyThrough(shop)).status, 200)
    assert.equal((await notifyThrough(shop, refunded)).status, 200)
    assert.equal(calls, 2)
  })

  test(`${name}: a body without end is refused, not waited for`, { timeout: 10_000 }, async (t) => {
    const shop = await open(t, { ...KEYS, onPayment: () => assert.fail('it was believed') })
    const sample = signForTest(KEYS, { url: NOTIFY_PATH })
    const status = await new Promise((resolve) => {
      const sent = httpRequest(shop + NOTIFY_PATH, { method: 'POST', headers: sample.headers })
      sent.on('response', (response) => resolve(response.resume().statusCode))
      sent.on('error', () => resolve('broken'))
      t.after(() => sent.destroy())
      // It never ends: who waits for the end of it never answers.
      sent.write(Buffer.alloc(3 * 1024 * 1024, ' '))
    })
    assert.ok(status === 400 || status === 413 || status === 'broken', String(status))
  })
}

const refunded = {
  originalReferenceNo: 'REF-1',
  latestTransactionStatus: '04',
  amount: { value: '10000.00', currency: 'IDR' },
}

for (const [name, of] of [
  ['Express 5', express],
  ['Express 4', express4],
] as const) {
  test(`${name}: a JSON parser in front is said loudly, with the fix, and the fix works`, async (t) => {
    const { notify } = forExpress.notifications({ ...KEYS, onPayment: () => {} })
    const told: string[] = []
    const catching: express.ErrorRequestHandler = (error, _request, response, _next) => {
      told.push(String(error))
      response.status(500).end()
    }
    const parsed = of().use(of.json()).post(NOTIFY_PATH, notify).use(catching)
    assert.equal((await notifyThrough(await listen(t, parsed))).status, 500)
    assert.match(told[0] ?? '', /RawBodyError: .*before app\.use\(express\.json\(\)\)/)

    const keep = (request: object, _response: unknown, bytes: Buffer) =>
      void Object.assign(request, { rawBody: bytes })
    const kept = of()
      .use(of.json({ verify: keep }))
      .post(NOTIFY_PATH, notify)
    assert.equal((await notifyThrough(await listen(t, kept))).status, 200)
    for (const parser of [of.raw({ type: '*/*' }), of.text({ type: '*/*' })]) {
      const whole = of().use(parser).post(NOTIFY_PATH, notify)
      assert.equal((await notifyThrough(await listen(t, whole))).status, 200)
    }
  })

  test(`${name}: below a mounted path the whole path is what was signed`, async (t) => {
    const { notify } = forExpress.notifications({ ...KEYS, onPayment: () => {} })
    const app = of().use('/shop', of.Router().post('/notify', notify))
    assert.equal((await notifyThrough(await listen(t, app))).status, 200)
  })
}

test('Hono: a body that was read before is used when its bytes are kept, and refused with the fix when not', async (t) => {
  const { notify } = forHono.notifications({ ...KEYS, onPayment: () => {} })
  const told: string[] = []
  const open = async (read: (request: { raw: Request; json(): Promise<unknown> }) => Promise<unknown>) => {
    const app = new Hono()
    app.onError((error, context) => {
      told.push(String(error))
      return context.text('', 500)
    })
    app.use(async (context, next) => {
      await read(context.req)
      await next()
    })
    app.post(NOTIFY_PATH, notify)
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
    await new Promise((resolve) => server.once('listening', resolve))
    t.after(() => void server.close())
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  assert.equal((await notifyThrough(await open((request) => request.json()))).status, 200)
  assert.equal((await notifyThrough(await open((request) => request.raw.json()))).status, 500)
  assert.match(told[0] ?? '', /RawBodyError: .*not from c\.req\.raw/)
})

test('behind a proxy that cuts the path the public one is what was signed', async (t) => {
  const { notify } = forExpress.notifications({ ...KEYS, publicPrefix: '/shop', onPayment: () => {} })
  const shop = await listen(t, express().post('/notify', notify))
  const sample = signForTest(KEYS, { url: '/shop/notify' })
  assert.equal((await post(`${shop}/notify`, sample.headers, sample.rawBody)).status, 200)
})

test('an option that is missing is said when the shop starts', () => {
  const whole = { ...KEYS, onPayment: () => {} }
  for (const field of Object.keys(whole)) {
    const options = { ...whole, [field]: undefined } as unknown as ReceiverOptions
    for (const { notifications } of [forExpress, forHono]) {
      assert.throws(
        () => notifications(options),
        (error) => error instanceof ValidationError && error.field === field,
      )
    }
  }
  const wrong = { ...whole, gatewayPublicKey: 'no key' }
  assert.throws(() => forExpress.notifications(wrong), /not a public key/)
})
