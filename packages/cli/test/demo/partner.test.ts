import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { aDemo } from './demo.ts'

interface Partner {
  readonly version: number
  readonly state: string
  readonly keys: readonly { readonly keyId: string; readonly validUntil?: string }[]
}

const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'

test('partners are administered beside a running demo, by commands and over the admin API', async (t) => {
  const demo = await aDemo(t)
  const { place } = demo
  const made = await demo.ask<{ partnerId: string; clientSecret: string; privateKeyFile: string }>(
    ...['partner', 'create', '--name', 'Toko Buku', '--client-id', 'toko-buku'],
  )
  const taken = await demo.run('partner', 'create', '--name', 'Toko Buku', '--client-id', 'toko-buku')
  assert.deepEqual([taken.code, taken.err.split('\n')[0]], [4, 'Partner toko-buku exists already.'])
  const pay = async (clientSecret = made.clientSecret) => {
    Object.assign(place.environment, {
      GERBANG_CLIENT_ID: made.partnerId,
      GERBANG_CLIENT_SECRET: clientSecret,
      GERBANG_PRIVATE_KEY_FILE: made.privateKeyFile,
    })
    const args = ['pay', '--cpan', '9360000220000000037', '--ott', '12345678', '--amount', '5000']
    const { out, err } = await demo.run(...args)
    return /\b\d{7}\b/.exec(out + err)?.[0]
  }
  /** Longer than the gateway keeps a partner. */
  const moment = () => new Promise((resolve) => setTimeout(resolve, 5_500))
  assert.equal(await pay(), '2005400')

  // A new secret, and the old one still signs.
  const rotated = await demo.ask<{ keyId: string; secret: string }>('partner', 'key', 'rotate', 'toko-buku')
  assert.equal(rotated.keyId, 'secret-2')
  await moment()
  assert.deepEqual([await pay(), await pay(rotated.secret)], ['2005400', '2005400'])
  const again = await demo.run('partner', 'key', 'rotate', 'toko-buku')
  assert.equal(again.code, 4)
  assert.match(again.err, /^secret-1 is still good until .*: end it first\.$/m)
  await demo.ask('partner', 'key', 'end', 'toko-buku', 'secret-1')
  await demo.ask('partner', 'channel', 'toko-buku', 'kki', 'off')
  await moment()
  assert.deepEqual([await pay(), await pay(rotated.secret)], ['4015400', '4035401'])
  await demo.ask('partner', 'channel', 'toko-buku', CHANNEL, 'on')
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await writeFile(join(place.cwd, 'new.pem'), publicKey.export({ type: 'pkcs1', format: 'pem' }))
  const added = await demo.ask<Partner>(
    ...['partner', 'key', 'add', 'toko-buku', '--public-key', 'new.pem', '--overlap', '7d'],
  )
  assert.equal(added.keys.filter(({ keyId }) => keyId.startsWith('public-')).length, 2)
  const limits = await demo.run(
    'partner',
    'set',
    'toko-buku',
    '--requests-per-second',
    '50',
    '--burst',
    'usual',
    '--customer-token',
    'none',
  )
  assert.match(limits.out, /customer token +none/)
  assert.match(limits.out, /requests per second {2}50\n {2}burst {16}usual/)
  const off = await demo.run('partner', 'disable', 'toko-buku')
  assert.match(off.out, /^toko-buku is suspended\. It counts within 5 s\.$/m)

  // The same over HTTP, with the key that lies in the folder.
  const keyFile = join(place.home, 'admin-key')
  assert.equal((await stat(keyFile)).mode & 0o777, 0o600)
  const key = (await readFile(keyFile, 'utf8')).trim()
  const url = `http://127.0.0.1:${place.adminPort}/admin/v1/partners/toko-buku`
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const shown = (await fetch(url, { headers }).then((response) => response.json())) as Partner
  assert.deepEqual(shown, await demo.ask('partner', 'show', 'toko-buku'))
  assert.equal(shown.state, 'suspended')
  const body = JSON.stringify({ state: 'active' })
  assert.equal((await fetch(`${url}/state`, { method: 'PUT', headers, body })).status, 200)

  const log = await demo.run('partner', 'audit', 'toko-buku', '--most', '2')
  assert.match(
    log.out,
    /^\S+ {2}demo {2}changed\n {2}state: "suspended" → "active"\n\S+ {2}cli:\S+ {2}changed\n/,
  )
  const everything = [
    shown,
    log.out,
    limits.out,
    await readFile(join(place.home, 'logs', 'gateway.log'), 'utf8'),
  ].join()
  for (const secret of [made.clientSecret, rotated.secret, key]) assert.ok(!everything.includes(secret))
  const [gatewayKey, kept] = await Promise.all([
    demo.run('partner', 'gateway-key'),
    readFile(join(place.home, 'gateway-public.pem'), 'utf8'),
  ])
  assert.equal(gatewayKey.out.trim(), kept.trim())
  const wrong = await demo.run('partner', 'show', 'nobody')
  assert.deepEqual(
    [wrong.code, wrong.err],
    [2, 'There is no partner nobody.\nNext: npx gerbang partner list\n'],
  )
})
