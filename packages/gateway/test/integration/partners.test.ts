import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, test } from 'node:test'
import { openPartners, type Partners } from '../../src/index.ts'
import { Merchant } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
let partners: Partners
before(async () => {
  stage = await openStage()
  partners = openPartners(stage.config)
})
after(async () => {
  await partners.close()
  await stage.close()
})

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pemOf = (key: typeof keys.publicKey, type: 'spki' | 'pkcs1' = 'spki') =>
  key.export({ type, format: 'pem' }).toString()
const aPartner = (changes: object = {}) => ({
  name: 'Toko Baru',
  publicKeyPem: pemOf(keys.publicKey),
  ...changes,
})
const rowOf = async (partnerId: string) => {
  const [row] = await stage.query<Record<string, string>>(
    `select p.*, k.public_key_pem, s.secret_sealed from partners p
       join partner_keys k on k.partner_id = p.partner_id and k.key_id = 'public-1'
       join partner_keys s on s.partner_id = p.partner_id and s.key_id = 'secret-1'
      where p.partner_id = $1`,
    [partnerId],
  )
  return row ?? {}
}
const isListed = async (partnerId: string) =>
  (await partners.list()).some((line) => line.partnerId === partnerId)

test('a new partner gets an id and a secret in DOKU’s form, and can pay with them at once', async () => {
  const { partnerId, clientSecret } = await partners.create(aPartner())
  assert.match(partnerId, /^BRN-\d{4}-\d{13}$/)
  assert.match(clientSecret, /^SK-[A-Za-z0-9]{20}$/)
  const merchant = new Merchant({ baseUrl: stage.url, partnerId, clientSecret, privateKey: keys.privateKey })
  assert.equal((await merchant.pay()).body.responseCode, '2005400')
})

test('two new partners have nothing in common', async () => {
  const [one, other] = await Promise.all([partners.create(aPartner()), partners.create(aPartner())])
  assert.notEqual(one.partnerId, other.partnerId)
  assert.notEqual(one.clientSecret, other.clientSecret)
})

test('an id and a secret that are given are kept', async () => {
  const given = { partnerId: 'toko.baru_1', clientSecret: 'SK-given-by-the-partner' }
  assert.deepEqual(await partners.create(aPartner(given)), given)
})

test('an id that is taken is refused, and the first partner stays as it was', async () => {
  const { partnerId } = await partners.create(aPartner({ name: 'The first' }))
  const before = await rowOf(partnerId)
  await assert.rejects(partners.create(aPartner({ partnerId, name: 'The second' })), /exists already/)
  assert.deepEqual(await rowOf(partnerId), before)
})

test('of two that want the same id at once one gets it', async () => {
  const wanted = [1, 2, 3, 4].map(() => partners.create(aPartner({ partnerId: 'same-id' })))
  const gained = (await Promise.allSettled(wanted)).filter(({ status }) => status === 'fulfilled')
  assert.equal(gained.length, 1)
})

const WEAK: Readonly<Record<string, () => string>> = {
  'an RSA key of 1,024 bits': () => pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey),
  'an elliptic key': () => pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey),
  'no key at all': () => 'hello',
}
for (const [kind, pem] of Object.entries(WEAK))
  test(`a partner with ${kind} is refused and not written down`, async () => {
    const partnerId = `weak-${Object.keys(WEAK).indexOf(kind)}`
    await assert.rejects(partners.create(aPartner({ partnerId, publicKeyPem: pem() })))
    assert.equal(await isListed(partnerId), false)
  })

test('a key in the older form is taken and kept in the newer', async () => {
  const { partnerId } = await partners.create(aPartner({ publicKeyPem: pemOf(keys.publicKey, 'pkcs1') }))
  assert.equal((await rowOf(partnerId)).public_key_pem, pemOf(keys.publicKey))
})

for (const [kind, changes] of Object.entries({
  'an id with a blank': { partnerId: 'a b' },
  'an id of 65 characters': { partnerId: 'x'.repeat(65) },
  'no name': { name: '' },
  'a name of 101 characters': { name: 'x'.repeat(101) },
}))
  test(`a partner with ${kind} is refused`, async () => {
    const count = (await partners.list()).length
    await assert.rejects(partners.create(aPartner(changes)))
    assert.equal((await partners.list()).length, count)
  })

test('the list tells what each partner is, oldest first, and nothing that is secret', async () => {
  const { partnerId } = await partners.create(aPartner({ name: 'Toko SNAP', profile: 'snap' }))
  const lines = await partners.list()
  const { createdAt, ...line } = lines.find((one) => one.partnerId === partnerId) ?? {}
  assert.deepEqual(line, { partnerId, name: 'Toko SNAP', profile: 'snap', state: 'active' })
  assert.ok(Math.abs(Date.now() - Date.parse(createdAt ?? '')) < 60_000)
  const times = lines.map((one) => one.createdAt)
  assert.deepEqual(times, times.toSorted())
})

test('the secret cannot be read in the row, and is of no use in another partner’s', async () => {
  const { partnerId, clientSecret } = await partners.create(aPartner())
  const other = await partners.create(aPartner())
  const row = await rowOf(partnerId)
  for (const form of ['utf8', 'base64', 'base64url', 'hex'] as const)
    assert.ok(!JSON.stringify(row).includes(Buffer.from(clientSecret).toString(form)), form)
  await stage.query(
    "update partner_keys set secret_sealed = $1 where partner_id = $2 and key_id = 'secret-1'",
    [row.secret_sealed, other.partnerId],
  )
  const thief = new Merchant({
    baseUrl: stage.url,
    partnerId: other.partnerId,
    clientSecret,
    privateKey: keys.privateKey,
  })
  assert.equal((await thief.askToken()).status, 500)
})

test('two operators who set one limit each at the same time both find theirs set', async () => {
  const { partnerId } = await partners.create(aPartner())
  const other = openPartners(stage.config)
  for (let rate = 1; rate <= 10; rate++) {
    await Promise.all([
      partners.change(partnerId, { limits: { requestsPerSecond: rate } }),
      other.change(partnerId, { limits: { burst: rate } }),
    ])
    const { limits } = await partners.show(partnerId)
    assert.deepEqual(limits, { requestsPerSecond: rate, burst: rate, tokensPerSecond: null })
  }
  await other.close()
})
