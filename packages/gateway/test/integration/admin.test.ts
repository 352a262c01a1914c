import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type AdminStage, newKey, openAdminStage } from '../admin.ts'
import { Merchant, newId } from '../merchant.ts'

let stage: AdminStage
before(async () => {
  stage = await openAdminStage()
})
after(() => stage.close())

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pemOf = (key: typeof pair.publicKey, type: 'spki' | 'pkcs1' = 'spki') =>
  key.export({ type, format: 'pem' }).toString()
const publicKey = pemOf(pair.publicKey)
const aPartner = async (changes: object = {}) => {
  const answer = await stage.ask('POST /partners', { body: { name: 'Toko Baru', publicKey, ...changes } })
  assert.equal(answer.status, 201, answer.text)
  const { partnerId } = answer.body.partner
  const keys = {
    baseUrl: stage.url,
    partnerId,
    clientSecret: answer.body.secret,
    privateKey: pair.privateKey,
  }
  return { partnerId: partnerId as string, answer, merchant: new Merchant(keys) }
}
const lastEntry = async (partnerId: string) =>
  (await stage.ask(`GET /partners/${partnerId}/audit?limit=1`)).body.entries[0]
/** Longer than a partner is kept. */
const moment = () => new Promise((resolve) => setTimeout(resolve, 10))

test('a partner that was made over the admin API can pay at once, and its secret is told once', async () => {
  const { partnerId, answer, merchant } = await aPartner()
  assert.equal(answer.headers.get('cache-control'), 'no-store')
  assert.equal(answer.headers.get('location'), `/admin/v1/partners/${partnerId}`)
  assert.match(answer.body.secret, /^SK-[A-Za-z0-9]{20}$/)
  assert.equal((await merchant.pay()).body.responseCode, '2005400')
  const shown = await stage.ask(`GET /partners/${partnerId}`)
  assert.equal(shown.headers.get('etag'), '"1"')
  assert.ok(!shown.text.includes(answer.body.secret))
  assert.deepEqual(
    shown.body.keys.map(({ keyId }: { keyId: string }) => keyId),
    ['public-1', 'secret-1'],
  )
})

for (const [kind, key] of Object.entries<string | null>({
  'no key': null,
  'a wrong key': newKey(),
  'an empty key': '',
}))
  test(`with ${kind} nothing is done, and nothing is told`, async () => {
    const partnerId = `refused-${newId()}`
    const answer = await stage.ask('POST /partners', { key, body: { partnerId, name: 'X', publicKey } })
    assert.equal(answer.status, 401)
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer')
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
    assert.deepEqual(answer.body, {
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      code: 'unauthorized',
      detail: 'A bearer key of GERBANG_ADMIN_KEYS is needed',
    })
    assert.equal((await stage.ask(`GET /partners/${partnerId}`)).status, 404)
  })

/** Each refusal: what is asked, the status and the code, and a word of the detail. */
const weak = () => pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)
const REFUSALS: readonly (readonly [string, string, object | string | undefined, number, string, RegExp])[] =
  [
    ['a path that is not there', 'GET /partners/x/nothing', undefined, 404, 'unknown', /no such operation/],
    ['a partner that is not there', 'GET /partners/nobody', undefined, 404, 'unknown', /no partner nobody/],
    ['the log of one that is not there', 'GET /partners/nobody/audit', undefined, 404, 'unknown', /nobody/],
    ['a body that is no JSON', 'POST /partners', '{', 400, 'invalid', /not JSON/],
    ['a body without a name', 'POST /partners', { publicKey }, 400, 'invalid', /name/],
    [
      'a member that is not known',
      'POST /partners',
      { name: 'X', publicKey, rank: 1 },
      400,
      'invalid',
      /additional/,
    ],
    ['a short key', 'POST /partners', { name: 'X', publicKey: weak() }, 400, 'invalid', /2048 bits/],
    [
      'a key that is none',
      'POST /partners',
      { name: 'X', publicKey: 'hello' },
      400,
      'invalid',
      /not a public key/,
    ],
    ['a profile of nobody', 'PATCH /partners/P', { profile: 'visa' }, 400, 'invalid', /profile/],
    ['a state of nobody', 'PUT /partners/P/state', { state: 'asleep' }, 400, 'invalid', /state/],
    [
      'a limit below nothing',
      'PUT /partners/P/limits',
      { requestsPerSecond: -1, burst: null, tokensPerSecond: null },
      400,
      'invalid',
      /requestsPerSecond/,
    ],
    ['half of the limits', 'PUT /partners/P/limits', { burst: 3 }, 400, 'invalid', /required/],
    [
      'a channel of nobody',
      'PUT /partners/P/channels/VISA',
      { isOn: false },
      400,
      'invalid',
      /no channel VISA/,
    ],
    [
      'a URL with a user',
      'PUT /partners/P/urls/any/token',
      { url: 'https://a:b@c.example/' },
      400,
      'invalid',
      /URL/,
    ],
    [
      'a URL that runs',
      'PUT /partners/P/urls/any/token',
      { url: 'javascript:alert(1)' },
      400,
      'invalid',
      /URL/,
    ],
    [
      'a purpose of nobody',
      'PUT /partners/P/urls/any/news',
      { url: 'https://c.example/' },
      400,
      'invalid',
      /purpose/,
    ],
    [
      'an origin with a path',
      'PATCH /partners/P',
      { frameAncestors: ['https://c.example/x'] },
      400,
      'invalid',
      /origin/,
    ],
    [
      'an origin with a wildcard',
      'PATCH /partners/P',
      { frameAncestors: ['https://*.c.example'] },
      400,
      'invalid',
      /origin/,
    ],
    [
      'an origin that ends the rule',
      'PATCH /partners/P',
      { frameAncestors: ['https://c.example;x'] },
      400,
      'invalid',
      /origin/,
    ],
    [
      'a URL with a NUL',
      'PUT /partners/P/urls/any/token',
      { url: 'https://c.example/\u0000' },
      400,
      'invalid',
      /URL/,
    ],
    [
      'a URL over two lines',
      'PUT /partners/P/urls/any/token',
      { url: 'https://c.exa\nmple/' },
      400,
      'invalid',
      /URL/,
    ],
    [
      'an overlap of a year',
      'POST /partners/P/keys/secret',
      { overlapSeconds: 31_536_000 },
      400,
      'invalid',
      /overlap/,
    ],
    [
      'a shared key that is short',
      'POST /partners/P/keys/shared',
      { sharedKey: 'short' },
      400,
      'invalid',
      /sharedKey/,
    ],
    [
      'the only public key',
      'DELETE /partners/P/keys/public-1',
      undefined,
      409,
      'conflict',
      /only public key/,
    ],
    ['the secret in use', 'DELETE /partners/P/keys/secret-1', undefined, 409, 'conflict', /in use/],
    [
      'a key that is not there',
      'DELETE /partners/P/keys/secret-9',
      undefined,
      404,
      'unknown',
      /no key secret-9/,
    ],
    ['a limit of the list', 'GET /partners?limit=0', undefined, 400, 'invalid', /limit/],
  ]
for (const [kind, line, body, status, code, detail] of REFUSALS)
  test(`${kind} is refused with ${status}, and the partner stays as it was`, async () => {
    const { partnerId } = await aPartner()
    const before = await stage.ask(`GET /partners/${partnerId}`)
    const asked = await stage.ask(line.replace('/P', `/${partnerId}`), body === undefined ? {} : { body })
    assert.deepEqual([asked.status, asked.body.code], [status, code], asked.text)
    assert.match(asked.body.detail, detail)
    assert.match(asked.headers.get('content-type') ?? '', /^application\/problem\+json/)
    assert.equal((await stage.ask(`GET /partners/${partnerId}`)).text, before.text)
  })

test('a body of another kind, and one that is too long, are refused', async () => {
  const form = await stage.ask('POST /partners', {
    body: 'name=x',
    headers: { 'content-type': 'text/plain' },
  })
  assert.deepEqual([form.status, form.body.code], [415, 'not-json'])
  const long = await stage.ask('POST /partners', { body: { name: 'x'.repeat(40_000), publicKey } })
  assert.deepEqual([long.status, long.body.code], [413, 'too-large'])
})

test('an id that is taken is refused', async () => {
  const { partnerId } = await aPartner()
  const second = await stage.ask('POST /partners', { body: { partnerId, name: 'X', publicKey } })
  assert.deepEqual([second.status, second.body.code], [409, 'conflict'])
})

test('a change of a version that is over is refused, and one of the present version is made', async () => {
  const { partnerId } = await aPartner()
  const rename = (name: string, etag: string) =>
    stage.ask(`PATCH /partners/${partnerId}`, { body: { name }, headers: { 'if-match': etag } })
  const first = await rename('One', '"1"')
  assert.deepEqual([first.status, first.headers.get('etag')], [200, '"2"'])
  const late = await rename('Two', '"1"')
  assert.deepEqual([late.status, late.body.code], [412, 'stale'])
  assert.equal((await rename('Two', 'W/"2"')).status, 400)
  assert.equal((await rename('Two', '"2"')).body.name, 'Two')
})

test('of two changes of the same version at once one is made', async () => {
  const { partnerId } = await aPartner()
  const headers = { 'if-match': '"1"' }
  const answers = await Promise.all(
    ['One', 'Two', 'Three'].map((name) =>
      stage.ask(`PATCH /partners/${partnerId}`, { body: { name }, headers }),
    ),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412])
})

test('a PUT that is repeated changes nothing and writes nothing', async () => {
  const { partnerId } = await aPartner()
  const put = () => stage.ask(`PUT /partners/${partnerId}/state`, { body: { state: 'suspended' } })
  const [first, second] = [await put(), await put()]
  assert.equal(first.text, second.text)
  assert.equal((await stage.ask(`GET /partners/${partnerId}/audit`)).body.entries.length, 2)
})

test('a suspended partner is refused as an unknown one, and is let in again', async () => {
  const { partnerId, merchant } = await aPartner()
  await merchant.token()
  await stage.ask(`PUT /partners/${partnerId}/state`, { body: { state: 'suspended' } })
  await moment()
  assert.equal((await merchant.pay()).body.responseMessage, 'Unauthorized. Unknown Client')
  assert.equal((await merchant.askToken()).status, 401)
  await stage.ask(`PUT /partners/${partnerId}/state`, { body: { state: 'active' } })
  await moment()
  assert.equal((await merchant.pay()).status, 200)
})

test('URLs are set, shown and taken away by channel and purpose under the same word, a channel by any of its names', async () => {
  const { partnerId } = await aPartner()
  const put = (place: string, url: string) =>
    stage.ask(`PUT /partners/${partnerId}/urls/${place}`, { body: { url } })
  await put('any/notification', 'https://shop.example/all')
  await put('kki_snap/notification', 'https://shop.example/kki')
  const set = await put('any/notification', 'https://shop.example/new')
  assert.deepEqual(set.body.urls, [
    { channel: 'any', purpose: 'notification', url: 'https://shop.example/new' },
    { channel: 'KARTU_KREDIT_INDONESIA_SNAP', purpose: 'notification', url: 'https://shop.example/kki' },
  ])
  const { channel, purpose } = set.body.urls[0]
  const left = await stage.ask(`DELETE /partners/${partnerId}/urls/${channel}/${purpose}`)
  assert.deepEqual(
    left.body.urls.map((one: { channel: string }) => one.channel),
    ['KARTU_KREDIT_INDONESIA_SNAP'],
  )
  const [entry] = (await stage.ask(`GET /partners/${partnerId}/audit`)).body.entries
  assert.equal(entry.before.urls[0].channel, 'any')
})

test('which token names the customer in notifications is one of three, the latest that was issued unless it is set', async () => {
  const { partnerId } = await aPartner()
  const shown = await stage.ask(`GET /partners/${partnerId}`)
  assert.equal(shown.body.notificationCustomerToken, 'issued')
  const set = (notificationCustomerToken: string) =>
    stage.ask(`PATCH /partners/${partnerId}`, { body: { notificationCustomerToken } })
  assert.equal((await set('merchantB2B')).body.notificationCustomerToken, 'merchantB2B')
  assert.equal((await set('everybody')).status, 400)
  const [entry] = (await stage.ask(`GET /partners/${partnerId}/audit`)).body.entries
  assert.deepEqual(
    [entry.before, entry.after],
    [{ notificationCustomerToken: 'issued' }, { notificationCustomerToken: 'merchantB2B' }],
  )
})

test('the list goes on where a page ended, and shows every partner once', async () => {
  await aPartner()
  const seen: string[] = []
  for (let next: string | undefined = ''; next !== undefined; ) {
    const page = await stage.ask(`GET /partners?limit=2${next && `&after=${next}`}`)
    seen.push(...page.body.partners.map(({ partnerId }: { partnerId: string }) => partnerId))
    next = page.body.next
  }
  const rows = await stage.query<{ partner_id: string }>(
    'select partner_id from partners order by created_at, partner_id',
  )
  assert.deepEqual(
    seen,
    rows.map(({ partner_id }) => partner_id),
  )
})

test('the gateway’s public key is the one that its tokens are signed with', async () => {
  const { body } = await stage.ask('GET /admin/v1/gateway-key')
  assert.equal(createPublicKey(body.publicKey).asymmetricKeyType, 'rsa')
  assert.ok(createPublicKey(stage.config.signingKeyFile.reveal()).equals(createPublicKey(body.publicKey)))
  assert.match(body.fingerprint, /^[0-9a-f]{64}$/)
})

test('the document and the page that shows it need no key; channels do', async () => {
  const document = await stage.ask('GET /openapi.json', { key: null })
  assert.equal(document.body.openapi, '3.1.0')
  assert.match((await stage.ask('GET /reference', { key: null })).text, /Gerbang admin API/)
  assert.equal((await stage.ask('GET /admin/v1/channels', { key: null })).status, 401)
  const { channels } = (await stage.ask('GET /admin/v1/channels')).body
  const open = channels.filter(({ isOpen }: { isOpen: boolean }) => isOpen)
  assert.deepEqual(open, [
    { name: 'KARTU_KREDIT_INDONESIA_SNAP', title: 'Kartu Kredit Indonesia', isOpen: true },
  ])
  assert.ok(channels.length > 1)
})

test('each change is in the audit log with who, what, before and after', async () => {
  const { partnerId } = await aPartner()
  await stage.ask(`PUT /partners/${partnerId}/state`, { key: stage.keys.oscar, body: { state: 'suspended' } })
  const { at, entryNo, ...entry } = await lastEntry(partnerId)
  assert.deepEqual(entry, {
    who: 'oscar',
    action: 'changed',
    before: { state: 'active' },
    after: { state: 'suspended' },
  })
  assert.ok(Math.abs(Date.now() - Date.parse(at)) < 60_000)
  const all = await stage.ask(`GET /partners/${partnerId}/audit`)
  assert.deepEqual(
    all.body.entries.map(({ who, action }: { who: string; action: string }) => `${who} ${action}`),
    ['oscar changed', 'olivia created'],
  )
  const older = await stage.ask(`GET /partners/${partnerId}/audit?before=${entryNo}`)
  assert.equal(older.body.entries.length, 1)
})

test('the audit log is only added to', async () => {
  const { partnerId } = await aPartner()
  for (const statement of [
    `update partner_audit set who = 'nobody' where partner_id = '${partnerId}'`,
    `delete from partner_audit where partner_id = '${partnerId}'`,
    'truncate partner_audit',
  ])
    await assert.rejects(stage.query(statement), /partner_audit is only added to/, statement)
  assert.equal((await lastEntry(partnerId)).action, 'created')
})

test('a change whose entry cannot be written is not made', async () => {
  const { partnerId } = await aPartner()
  await stage.query("alter table partner_audit add constraint quiet check (action <> 'changed') not valid")
  const answer = await stage.ask(`PUT /partners/${partnerId}/state`, { body: { state: 'suspended' } })
  await stage.query('alter table partner_audit drop constraint quiet')
  assert.deepEqual([answer.status, answer.body.code], [500, 'fault'])
  assert.equal((await stage.ask(`GET /partners/${partnerId}`)).body.state, 'active')
})
