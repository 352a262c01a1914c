import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { readConfig } from '../../src/index.ts'
import { type AdminAnswer, newKey, openAdminStage } from '../admin.ts'
import { openStage } from '../stage.ts'

test('without a key the admin port does not open', async (t) => {
  const stage = await openStage({ env: { GERBANG_ADMIN_PORT: '0' } })
  t.after(() => stage.close())
  assert.equal(await stage.gateway.listenAdmin(), undefined)
})

test('the admin port is bound to this machine unless it is told otherwise, and what it serves is not on the other port', async (t) => {
  const stage = await openAdminStage()
  t.after(() => stage.close())
  assert.equal(stage.config.adminHost, '127.0.0.1')
  assert.equal(new URL(stage.adminUrl).hostname, '127.0.0.1')
  const headers = { authorization: `Bearer ${stage.keys.olivia}` }
  assert.equal((await fetch(`${stage.url}/admin/v1/partners`, { headers })).status, 405)
})

test('who tries many wrong keys is made to wait, with the right one too, and nothing was found out', async (t) => {
  const stage = await openAdminStage()
  t.after(() => stage.close())
  for (let n = 0; n < 20; n++)
    assert.equal((await stage.ask('GET /partners')).status, 200, 'right keys do not count')
  const tries = []
  for (let n = 0; n < 14; n++) tries.push(await stage.ask('GET /partners', { key: newKey() }))
  assert.deepEqual(
    tries.map(({ status }) => status),
    [...Array(10).fill(401), ...Array(4).fill(429)],
  )
  const right = await stage.ask('GET /partners')
  assert.deepEqual([right.status, right.body.code], [429, 'too-many-bad-keys'])
  assert.equal(right.headers.get('retry-after'), '5')
  const lines = stage.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'admin')
  assert.equal(lines.filter(({ status, who }) => status === 429 && who === undefined).length, 5)
  await new Promise((resolve) => setTimeout(resolve, 5_100))
  assert.equal((await stage.ask('GET /partners')).status, 200)
})

test('a page in an operator’s browser, which cannot show a key, does not lock the operator out', async (t) => {
  const stage = await openAdminStage()
  t.after(() => stage.close())
  const headers = { Origin: 'https://elsewhere.example' }
  for (let n = 0; n < 20; n++)
    assert.equal((await stage.ask('GET /partners', { key: null, headers })).status, 401)
  const preflight = await stage.ask('OPTIONS /partners', { key: null, headers })
  assert.equal(preflight.status, 401)
  assert.equal(preflight.headers.get('access-control-allow-origin'), null)
  assert.equal((await stage.ask('GET /partners')).status, 200)
})

async function timed(ask: () => Promise<AdminAnswer[]>) {
  const begun = performance.now()
  const answers = await ask()
  return { answers, seconds: (performance.now() - begun) / 1000 }
}

/** Ten at once, and one more every five seconds. */
function expectTries({ answers, seconds }: { answers: readonly AdminAnswer[]; seconds: number }): void {
  const told = answers.filter(({ status }) => status === 401).length
  assert.ok(told >= 10 && told <= 10 + seconds / 5, `${told} in ${seconds} s`)
  assert.ok(answers.every(({ status }) => status === 401 || status === 429))
}

const through = (address: string) => ({ headers: { 'x-forwarded-for': address } })

test('behind a proxy everybody has tries of their own, so a stranger does not lock the operator out', async (t) => {
  const stage = await openAdminStage()
  t.after(() => stage.close())
  const guess = () => stage.ask('GET /partners', { key: newKey(), ...through('198.51.100.7') })
  expectTries(await timed(() => Promise.all(Array.from({ length: 30 }, guess))))
  assert.equal(
    (await stage.ask('GET /partners', through('198.51.100.7'))).status,
    429,
    'nor is the right key tried there',
  )
  for (const operator of [through('198.51.100.8'), {}])
    assert.equal((await stage.ask('GET /partners', operator)).status, 200)
})

test('one network of IPv6, in which everybody has as many addresses as they like, is one', async (t) => {
  const stage = await openAdminStage()
  t.after(() => stage.close())
  const guess = (_: unknown, n: number) =>
    stage.ask('GET /partners', { key: newKey(), ...through(`2001:db8:1:2::${n + 1}`) })
  expectTries(await timed(() => Promise.all(Array.from({ length: 30 }, guess))))
})

test('who poses as a proxy and makes addresses up is made to wait as well, and holds up nobody who comes without one', async (t) => {
  const stage = await openAdminStage()
  t.after(() => stage.close())
  const begun = performance.now()
  const tries = await Promise.all(
    Array.from({ length: 600 }, (_, n) =>
      stage.ask('GET /partners', { key: newKey(), ...through(`198.51.${n >> 8}.${n & 255}`) }),
    ),
  )
  const most = 301 + (performance.now() - begun) / 100
  const told = tries.filter(({ status }) => status === 401).length
  assert.ok(told >= 300 && told <= most, `${told} of at most ${most}`)
  const made = await stage.ask('GET /partners', { key: newKey(), ...through('a name'.repeat(1000)) })
  assert.equal(made.status, 401, 'what is no address counts as the proxy')
  assert.equal((await stage.ask('GET /partners')).status, 200)
})

interface Told {
  readonly status: number | undefined
  readonly type: string | undefined
  readonly text: string
}

/** Asks with a Host of its own, which fetch does not let anybody choose. */
function askAs(host: string, url: string, headers: Record<string, string>): Promise<Told> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { ...headers, host } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () =>
        resolve({ status: answer.statusCode, type: answer.headers['content-type'], text }),
      )
    })
    asked.on('error', reject).end()
  })
}

test('a page whose name was made to lead here is told nothing, with a key and without', async (t) => {
  const stage = await openAdminStage({ env: { GERBANG_ADMIN_HOSTS: 'admin.shop.example, gateway' } })
  t.after(() => stage.close())
  const { port } = new URL(stage.adminUrl)
  const authorization = `Bearer ${stage.keys.olivia}`
  const statusOf = async (host: string) =>
    (await askAs(host, `${stage.adminUrl}/admin/v1/partners`, { authorization })).status
  for (const host of ['127.0.0.1', `localhost:${port}`, '[::1]', 'Admin.Shop.Example:443', `gateway:${port}`])
    assert.equal(await statusOf(host), 200, host)
  for (const host of ['evil.example', `evil.example:${port}`, 'shop.example', 'localhost.evil.example'])
    assert.equal(await statusOf(host), 421, host)
  for (const path of ['/admin/v1/partners', '/openapi.json', '/reference', '/nowhere']) {
    const told = await askAs(`evil.example:${port}`, `${stage.adminUrl}${path}`, {
      authorization,
      'x-forwarded-host': 'localhost',
    })
    assert.equal(told.status, 421, path)
    assert.match(told.type ?? '', /^application\/problem\+json/)
    assert.deepEqual(JSON.parse(told.text), {
      type: 'about:blank',
      status: 421,
      title: 'Misdirected Request',
      code: 'wrong-host',
      detail: 'The Host of the request is no name of this server: see GERBANG_ADMIN_HOSTS',
    })
  }
})

test('what is no name is refused at the start', () => {
  assert.match(
    faultOf({ GERBANG_ADMIN_HOSTS: 'https://admin.shop.example' }),
    /GERBANG_ADMIN_HOSTS is not a list of/,
  )
})

const GOOD = newKey()
for (const [kind, keys] of Object.entries({
  'a short key': `ops:${GOOD.slice(0, 31)}`,
  'a key that repeats itself': `ops:${'ab'.repeat(20)}`,
  'a key without a name': GOOD,
  'a name with a blank': `two words:${GOOD}`,
  'a name twice': `ops:${GOOD},ops:${newKey()}`,
  'one key under two names': `ops:${GOOD},dev:${GOOD}`,
}))
  test(`${kind} is refused at the start, without a word of it`, () => {
    const fault = faultOf({ GERBANG_ADMIN_KEYS: keys })
    assert.match(fault, /GERBANG_ADMIN_KEYS (is not a list of|names a key twice)/)
    assert.ok(!fault.includes(GOOD.slice(0, 31)))
  })

function faultOf(env: Record<string, string>): string {
  try {
    readConfig(env)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}
