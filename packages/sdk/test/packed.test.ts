import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { answer, CLIENT_ID, CLIENT_SECRET, ORDER, openStandIn, PRIVATE_KEY } from './gateway-stand-in.ts'

const run = promisify(execFile)
const PACKAGE = fileURLToPath(new URL('../../', import.meta.url))
const TSC = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url))
const TYPES = fileURLToPath(new URL('../../../../node_modules/@types', import.meta.url))

let project = ''

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'gerbang-sdk-'))
  const packed = await run('npm', ['pack', '--json', '--pack-destination', project], { cwd: PACKAGE })
  const tarball = /gerbang-sdk-[\d.]+\.tgz/.exec(packed.stdout)?.[0] ?? ''
  await writeFile(join(project, 'package.json'), '{"name":"shop","private":true}')
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${tarball}`], { cwd: project })
})

after(() => rm(project, { recursive: true, force: true }))

async function payWith(t: Parameters<typeof openStandIn>[0], file: string, load: string): Promise<unknown> {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('2005400', { referenceNo: 'REF-1' })]
  const options = {
    baseUrl: gateway.baseUrl,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    privateKey: PRIVATE_KEY,
  }
  const script = `${load}
const client = new SnapClient(${JSON.stringify(options)})
client.pay(${JSON.stringify(ORDER)}).then((payment) => console.log(JSON.stringify(payment)))`
  await writeFile(join(project, file), script)
  const { stdout } = await run(process.execPath, [file], { cwd: project })
  assert.deepEqual(gateway.faults, [])
  return JSON.parse(stdout)
}

test('the packed client brings nothing along and leaves the workspace as it was', async () => {
  const installed = join(project, 'node_modules', '@gerbang', 'sdk')
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
  assert.equal(manifest.dependencies, undefined)
  for (const name of ['index', 'express', 'fastify', 'hono']) {
    const code = await readFile(join(installed, 'dist', 'package', 'esm', `${name}.js`), 'utf8')
    const foreign = [...new Set(code.match(/(?<=from ")[^"]+/g))].filter((from) => !from.startsWith('node:'))
    assert.deepEqual(foreign, name === 'index' ? [] : ['./index.js'])
    assert.ok(!/typebox/i.test(code))
  }
  const workspace = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'))
  assert.equal(workspace.exports['.'].default, './dist/src/index.js')
})

test('the packed client pays from an ES module', async (t) => {
  const payment = await payWith(t, 'shop.mjs', "import { SnapClient } from '@gerbang/sdk'")
  assert.equal((payment as { referenceNo: string }).referenceNo, 'REF-1')
})

test('the packed client pays from a CommonJS module', async (t) => {
  const payment = await payWith(t, 'shop.cjs', "const { SnapClient } = require('@gerbang/sdk')")
  assert.equal((payment as { referenceNo: string }).referenceNo, 'REF-1')
})

/** A shop that has only the tarball: it signs a notification to itself and lets an adapter judge it. */
const SHOP = `
const keys = { clientId: 'C', clientSecret: 'S', gatewayPublicKey: KEY }
const { token, notify } = notifications({ ...keys, onPayment: ({ status }) => console.log(status) })
const next = (error) => console.log(error instanceof sdk.RawBodyError, error.message)
const server = http.createServer((request, response) => notify(request, response, next))
server.listen(0, '127.0.0.1', async () => {
  const url = 'http://127.0.0.1:' + server.address().port + '/notify'
  const { headers, rawBody } = sdk.signForTest(keys, { url })
  const reply = await fetch(url, { method: 'POST', headers, body: rawBody })
  console.log(reply.status, typeof token)
  const forged = await fetch(url, { method: 'POST', headers, body: '{}' })
  console.log(forged.status, (await forged.json()).responseCode)
  await notify({ method: 'POST', url, headers, body: {}, readableDidRead: true }, {}, next)
  server.closeAllConnections()
  server.close()
})`

test('an adapter of the packed client receives a notification, as either kind of module, with one set of classes', async () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = `const KEY = ${JSON.stringify(publicKey.export({ type: 'spki', format: 'pem' }))}`
  const shops = {
    'receive.mjs': `import http from 'node:http'
import * as sdk from '@gerbang/sdk'
import { notifications } from '@gerbang/sdk/express'`,
    'receive.cjs': `const http = require('node:http')
const sdk = require('@gerbang/sdk')
const { notifications } = require('@gerbang/sdk/express')`,
  }
  for (const [file, load] of Object.entries(shops)) {
    await writeFile(join(project, file), `${load}\n${key}\n${SHOP}`)
    const { stdout } = await run(process.execPath, [file], { cwd: project })
    const [status, replied, forged, fix] = stdout.split('\n')
    assert.deepEqual([status, replied, forged], ['paid', '200 function', '401 4015600'], file)
    assert.match(fix ?? '', /^true .*express\.json/)
  }
})

test('the packed types are whole and strict for both kinds of module', async () => {
  const program = `import { notifications as express } from '@gerbang/sdk/express'
import { notifications as fastify } from '@gerbang/sdk/fastify'
import { notifications as hono } from '@gerbang/sdk/hono'
import { OtpError, SnapClient, RefusedError, type Notification, type Payment, type ReceiverOptions } from '@gerbang/sdk'
export function receive(options: ReceiverOptions): unknown[] {
  return [express(options).notify, fastify({ ...options, tokenPath: '/t', notifyPath: '/n' }), hono(options).token]
}
export function tell(news: Notification): string | undefined {
  return news.type === 'payment' ? news.amount : news.bankCardToken
}
export async function keep(client: SnapClient): Promise<string | undefined> {
  const bound = await client.verifyOtp({ otp: '123456', originalReferenceNo: 'REF-1' }).catch((error) => {
    if (error instanceof OtpError && error.kind === 'invalid') return { bankCardToken: undefined }
    throw error
  })
  await client.pay({ partnerReferenceNo: '1', amount: '1.00', bankCardToken: 'x', recurring: true })
  // @ts-expect-error a payment is with a card or with a token
  await client.pay({ partnerReferenceNo: '1', amount: '1.00', bankCardToken: 'x', chargeToken: '9', otp: '1' })
  // @ts-expect-error the protocol wants the address of whoever asked
  await client.refund({ partnerRefundNo: '1', originalReferenceNo: 'REF-1', amount: '1.00' })
  return bound.bankCardToken
}
export async function pay(client: SnapClient): Promise<Payment> {
  try {
    return await client.pay({ partnerReferenceNo: '1', amount: 100n, chargeToken: '9', otp: '1' })
  } catch (error) {
    if (error instanceof RefusedError && error.outcome === 'insufficientFunds' && error.money === 'not-moved') throw error
    throw new Error('other')
  }
}
`
  for (const file of ['types.mts', 'types.cts']) await writeFile(join(project, file), program)
  const settings = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--types',
    'node',
    '--typeRoots',
    TYPES,
  ]
  await run(process.execPath, [TSC, ...settings, 'types.mts', 'types.cts'], { cwd: project })
})
