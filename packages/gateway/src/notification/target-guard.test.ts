import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { openPost } from './post.ts'
import { openTargetGuard, type Resolve, type TargetGuardOptions } from './target-guard.ts'

const guardOf = (options: Partial<TargetGuardOptions> = {}) =>
  openTargetGuard({ mode: 'live', allow: [], ...options })

const resolveTo =
  (...addresses: string[]): Resolve =>
  (_host, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

/** What `net.connect` would be given, or why it would get nothing. */
function lookUp(options: Partial<TargetGuardOptions>, host = 'hooks.example') {
  return new Promise<string>((resolve) => {
    guardOf(options).lookup(host, { all: true }, (error, addresses) =>
      resolve(error ? error.message : JSON.stringify(addresses)),
    )
  })
}

const REFUSED = 'an address that is not public'

for (const address of [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.254',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.7',
  '203.0.113.7',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  '64:ff9b::808:808',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
])
  test(`a name that resolves to ${address} is not called, and neither is the address`, async () => {
    assert.equal(await lookUp({ resolve: resolveTo(address) }), REFUSED)
    assert.equal(await lookUp({ resolve: resolveTo('93.184.215.14', address) }), REFUSED, 'nor among others')
    const host = address.includes(':') ? `[${address}]` : address
    assert.throws(() => guardOf().checkUrl(new URL(`https://${host}/`)), { message: REFUSED })
  })

for (const address of [
  '8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
  '2606:4700:4700::1111',
  '2a00:1450:4001:81b::200e',
])
  test(`a name that resolves to the public ${address} is called at that address`, async () => {
    const family = address.includes(':') ? 6 : 4
    assert.equal(await lookUp({ resolve: resolveTo(address) }), JSON.stringify([{ address, family }]))
  })

for (const [url, reason] of [
  ['http://hooks.example/', 'not https'],
  ['ftp://hooks.example/', 'neither http nor https'],
  ['https://hooks.example:8080/', 'a port that is neither 443 nor 8443'],
  ['https://user@hooks.example/', 'a user in the URL'],
  ['https://:word@hooks.example/', 'a user in the URL'],
  ['https://2130706433/', REFUSED],
  ['https://0x7f.1/', REFUSED],
  ['https://0177.0.0.1/', REFUSED],
  ['https://[::ffff:7f00:1]/', REFUSED],
] as const)
  test(`${url} is refused: ${reason}`, () => {
    assert.throws(() => guardOf().checkUrl(new URL(url)), { name: 'TargetRefused', message: reason })
  })

for (const url of [
  'https://hooks.example/',
  'https://hooks.example:443/',
  'https://hooks.example:8443/a?b=c',
])
  test(`${url} may be called`, () => {
    assert.doesNotThrow(() => guardOf().checkUrl(new URL(url)))
  })

test('networks and hosts that the operator allows may be called, the hosts with http and any port', async () => {
  const allow = ['10.1.0.0/16', 'fd12::/16', 'Hooks.Internal', '192.168.7.7']
  assert.match(await lookUp({ allow, resolve: resolveTo('10.1.2.3', 'fd12::1') }), /10\.1\.2\.3/)
  assert.equal(await lookUp({ allow, resolve: resolveTo('10.2.2.3') }), REFUSED)
  assert.match(await lookUp({ allow, resolve: resolveTo('172.20.0.5') }, 'hooks.internal'), /172\.20\.0\.5/)
  const { checkUrl } = guardOf({ allow })
  for (const url of ['http://hooks.internal:3000/', 'http://10.1.9.9:81/', 'http://192.168.7.7/'])
    assert.doesNotThrow(() => checkUrl(new URL(url)))
  for (const url of ['http://hooks.example/', 'http://10.2.9.9/', 'http://192.168.7.8/'])
    assert.throws(() => checkUrl(new URL(url)))
})

test('demo mode may call this machine, with http and any port, and no other private one', async () => {
  const { checkUrl } = guardOf({ mode: 'demo' })
  for (const url of ['http://127.0.0.1:3000/', 'http://[::1]:3000/', 'http://localhost:3000/'])
    assert.doesNotThrow(() => checkUrl(new URL(url)))
  assert.throws(() => checkUrl(new URL('http://10.0.0.1/')))
  assert.match(await lookUp({ mode: 'demo', resolve: resolveTo('127.0.0.1', '::1') }), /127\.0\.0\.1/)
  assert.equal(await lookUp({ mode: 'demo', resolve: resolveTo('169.254.169.254') }), REFUSED)
})

test('an entry that is no network is refused at the start', () => {
  for (const entry of ['10.0.0.0/33', '10.0.0/8', 'fd12::/129'])
    assert.throws(() => guardOf({ allow: [entry] }), /is not a network/)
})

/** A server on this machine that writes down for which host it was asked. */
async function openServer() {
  const hosts: (string | undefined)[] = []
  const server = createServer((request, response) => {
    hosts.push(request.headers.host)
    response.end('secret of the inside')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { hosts, port, close: () => new Promise((resolve) => server.close(resolve)) }
}

test('a name that changes its answer is asked once, and the address that was checked is the one that is called', async () => {
  const inside = await openServer()
  let asked = 0
  const resolve: Resolve = (host, options, done) =>
    resolveTo(asked++ === 0 ? '127.0.0.1' : '169.254.169.254')(host, options, done)
  const post = openPost({
    guard: guardOf({ mode: 'demo', resolve }),
    requestGuard: guardOf(),
    connectTimeoutMs: 1_000,
    timeoutMs: 2_000,
    connections: 1,
  })
  const url = new URL(`http://rebinding.example:${inside.port}/notify`)
  const letter = { url, headers: {}, body: '{}' }
  assert.equal((await post.send(letter)).status, 200)
  assert.deepEqual([asked, inside.hosts], [1, [`rebinding.example:${inside.port}`]], 'the Host is the name')
  await post.close()
  await inside.close()
})

test('a name that points inside is not called in live mode, and nothing of the inside is told', async () => {
  const inside = await openServer()
  const host = 'hooks.example'
  const post = openPost({
    guard: guardOf({ resolve: resolveTo('127.0.0.1') }),
    requestGuard: guardOf(),
    connectTimeoutMs: 1_000,
    timeoutMs: 2_000,
    connections: 1,
  })
  const letter = { url: new URL(`https://${host}:8443/notify`), headers: {}, body: '{}' }
  await assert.rejects(post.send(letter), { name: 'TargetRefused', message: REFUSED })
  assert.equal(inside.hosts.length, 0)
  await post.close()
  await inside.close()
})

test('what an operator has allowed is no way in for a host that a request brings, also over a connection that is open', async () => {
  const inside = await openServer()
  const host = 'hooks.internal'
  const resolve = resolveTo('127.0.0.1')
  const post = openPost({
    guard: guardOf({ allow: [host], resolve }),
    requestGuard: guardOf({ resolve }),
    connectTimeoutMs: 1_000,
    timeoutMs: 2_000,
    connections: 1,
  })
  const stored = { url: new URL(`http://${host}:${inside.port}/notify`), headers: {}, body: '{}' }
  assert.equal((await post.send(stored)).status, 200)
  await assert.rejects(post.send({ ...stored, isOfRequest: true }), { message: 'not https' })
  const secure = { ...stored, url: new URL(`https://${host}/notify`), isOfRequest: true }
  await assert.rejects(post.send(secure), { name: 'TargetRefused', message: REFUSED })
  assert.equal(inside.hosts.length, 1)
  await post.close()
  await inside.close()
})
