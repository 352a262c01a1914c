import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type AdminStage, openAdminStage } from '../admin.ts'
import { BIND_PATH, cardDataOf, H2H, newCard } from '../card-customer.ts'
import { SetClock } from '../fault/process-alike.ts'
import { Merchant } from '../merchant.ts'
import { NOTIFY_PATH, openSink, TOKEN_PATH } from '../partner-sink.ts'

const HOUR = 3_600
const clock = new SetClock()
let stage: AdminStage
before(async () => {
  stage = await openAdminStage({
    env: { GERBANG_MODE: 'demo', GERBANG_NOTIFY_EVERY_MS: '30' },
    seams: { clock },
    simulator: { clock: clock.now },
  })
})
after(() => stage.close())

const pathOf = ({ keys }: Merchant, rest = '') => `/partners/${keys.partnerId}${rest}`
const rotate = (merchant: Merchant, overlapSeconds: number) =>
  stage.ask(`POST ${pathOf(merchant, '/keys/secret')}`, { body: { overlapSeconds } })
const keyOf = async (merchant: Merchant, keyId: string) => {
  const { body } = await stage.ask(`GET ${pathOf(merchant)}`)
  return body.keys.find((key: { keyId: string }) => key.keyId === keyId)
}
/** With a token of this moment: those of an hour ago have expired. */
const isTaken = async ({ keys }: Merchant) => (await new Merchant(keys).pay()).status === 200
const signs = async (merchant: Merchant) => (await merchant.askToken()).status === 200

/** Asks until it is so, at most ten seconds. */
async function until(ask: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 10_000; !(await ask()); ) {
    assert.ok(Date.now() < end, what)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('after a rotation both secrets sign until the overlap has passed, and then the new one alone', async () => {
  const old = await stage.addMerchant()
  const { status, body, headers } = await rotate(old, HOUR)
  assert.deepEqual([status, body.keyId, headers.get('cache-control')], [201, 'secret-2', 'no-store'])
  const young = stage.withSecret(old, body.secret)
  assert.deepEqual([await isTaken(old), await isTaken(young)], [true, true])
  clock.jump(HOUR * 1000 - 60_000)
  assert.deepEqual([await isTaken(old), await isTaken(young)], [true, true])
  clock.jump(120_000)
  assert.deepEqual([await isTaken(old), await isTaken(young)], [false, true])
})

test('a process that knows the partner already keeps to the end of an overlap to the moment', async () => {
  const old = await stage.addMerchant()
  const { body } = await rotate(old, HOUR / 6)
  // It notifies nobody: what it knows of a partner would be an hour old in the tests below.
  const { url: baseUrl } = await stage.openAnother(
    { clock },
    { GERBANG_PARTNER_KEEP_MS: '3600000', GERBANG_NOTIFY_EVERY_MS: '60000' },
  )
  const pay = async (merchant: Merchant) => (await merchant.pay({}, { baseUrl })).status
  assert.equal(await pay(old), 200)
  clock.jump((HOUR / 6) * 1000 - 1000)
  assert.equal(await pay(old), 200, 'a second before its end')
  clock.jump(2000)
  assert.deepEqual([await pay(old), await pay(stage.withSecret(old, body.secret))], [401, 200])
})

test('an overlap that is ended early ends at once, and what was secret is forgotten', async () => {
  const old = await stage.addMerchant()
  const { body } = await rotate(old, HOUR)
  const ended = await stage.ask(`DELETE ${pathOf(old, '/keys/secret-1')}`)
  assert.equal(ended.status, 200, ended.text)
  assert.deepEqual([await isTaken(old), await isTaken(stage.withSecret(old, body.secret))], [false, true])
  const rows = await stage.query<{ key_id: string }>(
    "select key_id from partner_keys where partner_id = $1 and kind = 'secret' and secret_sealed is not null",
    [old.keys.partnerId],
  )
  assert.deepEqual(rows, [{ key_id: 'secret-2' }])
})

test('without an overlap the old secret is refused at once', async () => {
  const old = await stage.addMerchant()
  const { body } = await rotate(old, 0)
  assert.deepEqual([await isTaken(old), await isTaken(stage.withSecret(old, body.secret))], [false, true])
})

test('while a rotation is under way there is no other, and of two at once there is one', async () => {
  const merchant = await stage.addMerchant()
  const answers = await Promise.all([rotate(merchant, HOUR), rotate(merchant, HOUR), rotate(merchant, HOUR)])
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409])
  const refused = answers.find(({ status }) => status === 409)
  assert.match(refused?.body.detail, /^secret-1 is still good until .*: end it first$/)
  const made = answers.find(({ status }) => status === 201)?.body.secret
  assert.equal(await isTaken(stage.withSecret(merchant, made)), true)
  clock.jump(HOUR * 1000 + 1)
  assert.equal((await rotate(merchant, HOUR)).body.keyId, 'secret-3')
})

test('the database itself has one secret to use for each partner', async () => {
  const merchant = await stage.addMerchant()
  await assert.rejects(
    stage.query(
      `insert into partner_keys (partner_id, key_id, kind, secret_sealed, created_at)
       values ($1, 'secret-7', 'secret', 'k1.x', now())`,
      [merchant.keys.partnerId],
    ),
    /partner_keys_one_to_use/,
  )
})

test('two public keys sign for tokens side by side, a third has to wait, and each form of a key is taken', async () => {
  const old = await stage.addMerchant()
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const third = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const young = new Merchant({ ...old.keys, privateKey: pair.privateKey })
  const add = (key: typeof pair, type: 'spki' | 'pkcs1', overlapSeconds?: number) => {
    const publicKey = key.publicKey.export({ type, format: 'pem' }).toString()
    return stage.ask(`POST ${pathOf(old, '/keys/public')}`, {
      body: { publicKey, ...(overlapSeconds && { overlapSeconds }) },
    })
  }
  assert.equal(await signs(young), false)
  assert.equal((await add(pair, 'pkcs1')).status, 200)
  assert.deepEqual([await signs(old), await signs(young)], [true, true])
  const again = await add(pair, 'spki')
  assert.equal(
    again.body.keys.filter(({ kind }: { kind: string }) => kind === 'public').length,
    2,
    'the same key',
  )
  assert.equal((await add(third, 'spki')).status, 409)
  assert.equal((await stage.ask(`DELETE ${pathOf(old, '/keys/public-1')}`)).status, 200)
  assert.deepEqual([await signs(old), await signs(young)], [false, true])
  assert.equal((await add(third, 'spki', HOUR)).status, 200)
  clock.jump(HOUR * 1000 + 1)
  assert.deepEqual(
    [await signs(young), await signs(new Merchant({ ...old.keys, privateKey: third.privateKey }))],
    [false, true],
  )
})

test('a public key that is ending is not said to be added again', async () => {
  const merchant = await stage.addMerchant()
  const add = (key: KeyObject, more: object = {}) => {
    const publicKey = key.export({ type: 'spki', format: 'pem' }).toString()
    return stage.ask(`POST ${pathOf(merchant, '/keys/public')}`, { body: { publicKey, ...more } })
  }
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  assert.equal((await add(publicKey, { overlapSeconds: HOUR })).status, 200)
  const again = await add(createPublicKey(merchant.keys.privateKey))
  assert.deepEqual([again.status, again.body.code], [409, 'conflict'], again.text)
  assert.match(again.body.detail, /^public-1 is that key, and is good until /)
  assert.equal((await add(publicKey)).status, 200, 'the one in use')
})

test('who takes a new public key back keeps the one before, and that without an end', async () => {
  const merchant = await stage.addMerchant()
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  await stage.ask(`POST ${pathOf(merchant, '/keys/public')}`, { body: { publicKey, overlapSeconds: HOUR } })
  assert.ok((await keyOf(merchant, 'public-1')).validUntil)
  await stage.ask(`DELETE ${pathOf(merchant, '/keys/public-2')}`)
  assert.equal((await keyOf(merchant, 'public-1')).validUntil, undefined)
  clock.jump(HOUR * 1000 + 1)
  assert.equal(await signs(merchant), true)
})

test('card data opens with the shared key, the one before while it is good, and the client secret', async () => {
  const merchant = await stage.addMerchant()
  const bindWith = async (key: string) => {
    const body = {
      cardData: cardDataOf({ bankCardNo: await newCard(stage), bankCardType: 'C' }, key),
      custIdMerchant: 'CUST01',
      phoneNo: '081112345634',
      additionalInfo: { channel: 'KARTU_KREDIT_INDONESIA_SNAP' },
    }
    return (await new Merchant(merchant.keys).call(BIND_PATH, body, { headers: H2H })).status
  }
  const share = async (body: object) =>
    (await stage.ask(`POST ${pathOf(merchant, '/keys/shared')}`, { body: { overlapSeconds: HOUR, ...body } }))
      .body.secret
  const { clientSecret } = merchant.keys
  const made = await share({})
  assert.deepEqual([await bindWith(made), await bindWith(clientSecret)], [200, 200])
  const given = await share({ sharedKey: 'given-by-the-shop-0001' })
  assert.equal(await share({}), undefined, 'one change after the other')
  assert.deepEqual(
    [await bindWith(given), await bindWith(made), await bindWith(clientSecret)],
    [200, 200, 200],
  )
  clock.jump(HOUR * 1000 + 1)
  assert.deepEqual(
    [await bindWith(given), await bindWith(made), await bindWith(clientSecret)],
    [200, 401, 200],
  )
  await until(async () => (await keyOf(merchant, 'shared-2')).lastUsedAt !== undefined, 'its use is noted')
})

test('the last use of a key is noted to the minute, and not written by the request', async () => {
  const merchant = await stage.addMerchant()
  assert.equal((await keyOf(merchant, 'secret-1')).lastUsedAt, undefined)
  await merchant.pay()
  await until(async () => (await keyOf(merchant, 'secret-1')).lastUsedAt !== undefined, 'the secret')
  await until(async () => (await keyOf(merchant, 'public-1')).lastUsedAt !== undefined, 'the public key')
  const { lastUsedAt } = await keyOf(merchant, 'secret-1')
  assert.ok(Math.abs(clock.now() - Date.parse(lastUsedAt)) < 60_000)
  const versionOf = async () =>
    (
      await stage.query<{ v: string }>(
        "select xmin::text v from partner_keys where partner_id = $1 and key_id = 'secret-1'",
        [merchant.keys.partnerId],
      )
    )[0]?.v
  const written = await versionOf()
  await merchant.pay()
  await new Promise((resolve) => setTimeout(resolve, 5_500))
  assert.equal(await versionOf(), written, 'a second use within the minute')
})

test('a notification is signed with the earlier secret, then with the one that the partner has come to use', async (t) => {
  const old = await stage.addMerchant()
  const held = {
    ...old.keys,
    gatewayKey: (await stage.ask('GET /admin/v1/gateway-key')).body.publicKey as string,
  }
  const sink = await openSink(held)
  t.after(() => sink.close())
  sink.answer = ({ proof }) => (proof === undefined ? 401 : 200)
  const put = (purpose: string, path: string) =>
    stage.ask(`PUT ${pathOf(old, `/urls/any/${purpose}`)}`, { body: { url: `${sink.url}${path}` } })
  await put('notification', NOTIFY_PATH)
  await put('token', TOKEN_PATH)
  const { body } = await rotate(old, HOUR)
  const young = stage.withSecret(old, body.secret)
  const proofsOf = async (merchant: Merchant, count: number) => {
    const before = sink.told.length
    assert.equal((await merchant.pay()).status, 200)
    await sink.untilTold(before + count)
    return sink.told.slice(before).map(({ proof }) => proof)
  }
  assert.deepEqual(await proofsOf(old, 1), ['symmetric'], 'the partner has not used the new one yet')
  held.clientSecret = body.secret
  assert.deepEqual(await proofsOf(old, 2), [undefined, 'symmetric'], 'refused, it is signed with the other')
  // Signed with the new one, and nothing to be told of.
  await young.status({ originalPartnerReferenceNo: 'INV-of-nobody' })
  await until(async () => (await keyOf(old, 'secret-2')).lastUsedAt !== undefined, 'the new one is in use')
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.deepEqual(await proofsOf(young, 1), ['symmetric'], 'in use')
})
