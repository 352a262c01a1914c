import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Secret } from '../../secret.ts'
import { chargeOnce, inquire, order } from './asking.ts'
import { openClients } from './client.ts'

const TIMEOUT_MS = 2_000

interface Said {
  readonly status: number
  readonly body: string
}

/** A network that answers everything alike, and remembers what it was asked. */
async function aNetwork(t: TestContext, { status, body }: Said, path = '') {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}${path}`
  const clients = openClients({ url, key: new Secret('the-key'), connections: 2 })
  t.after(async () => {
    await clients.close()
    server.close()
  })
  return { ...clients, asked }
}

const read = (bytes: Buffer) => ({ kind: 'read' as const, text: bytes.toString() })
const readCharge = () => ({ kind: 'reversed' as const, networkCode: 'R0' })

for (const status of [201, 202, 204, 301, 400, 401, 404, 409, 410, 500, 502, 504])
  test(`whatever stands in an answer with HTTP ${status}, it is no clear word`, async (t) => {
    const { client, inquiries } = await aNetwork(t, { status, body: status === 204 ? '' : 'yes' })
    assert.equal((await order(client, { path: '/x' }, TIMEOUT_MS, read)).kind, 'unresolved')
    assert.equal((await chargeOnce(client, { path: '/x' }, TIMEOUT_MS, readCharge)).kind, 'unresolved')
    const names = { collection: '/x', referenceNo: '1' }
    assert.equal((await inquire(inquiries, names, TIMEOUT_MS, read)).kind, 'unresolved')
  })

test('an answer with HTTP 200 is read', async (t) => {
  const { client } = await aNetwork(t, { status: 200, body: 'yes' })
  assert.deepEqual(await order(client, { path: '/x' }, TIMEOUT_MS, read), { kind: 'read', text: 'yes' })
})

for (const [body, kind] of [
  ['{"referenceNo":"1","resultCode":"25"}', 'not-found'],
  ['{"referenceNo":"2","resultCode":"25"}', 'unresolved'],
  ['{"referenceNo":"1","resultCode":"30"}', 'unresolved'],
  ['<html>404', 'unresolved'],
] as const)
  test(`a 404 that says ${body} is ${kind}`, async (t) => {
    const { inquiries } = await aNetwork(t, { status: 404, body })
    const names = { collection: '/x', referenceNo: '1' }
    assert.equal((await inquire(inquiries, names, TIMEOUT_MS, read)).kind, kind)
  })

test('a network is asked below its address, with its key', async (t) => {
  const { client, inquiries, asked } = await aNetwork(t, { status: 200, body: '' }, '/bank/v1/cimb/')
  await order(client, { path: '/charges', body: '{}' }, TIMEOUT_MS, read)
  await inquire(inquiries, { collection: '/charges', referenceNo: '1' }, TIMEOUT_MS, read)
  assert.deepEqual(asked, [
    'POST /bank/v1/cimb/charges Bearer the-key',
    'GET /bank/v1/cimb/charges/1 Bearer the-key',
  ])
})

test('a charge that nobody could be told of has failed, any other order is left open', async (t) => {
  const clients = openClients({ url: 'http://127.0.0.1:1', key: undefined, connections: 1 })
  t.after(() => clients.close())
  const { client } = clients
  const answer = await chargeOnce(client, { path: '/x' }, TIMEOUT_MS, readCharge)
  assert.deepEqual(answer, { kind: 'declined', outcome: 'externalServerError', networkCode: 'unreachable' })
  assert.equal((await order(client, { path: '/x' }, TIMEOUT_MS, read)).kind, 'unresolved')
})
