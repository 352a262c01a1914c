import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type AdminAnswer, type AdminAsk, type AdminStage, newKey, openAdminStage } from '../admin.ts'

const secrets: Record<string, string> = {}
/** Replies but those that show a new secret this once. */
const replies: string[] = []
let stage: AdminStage

before(async () => {
  stage = await openAdminStage()
  await administer()
})
after(() => stage.close())

async function tell(line: string, ask: AdminAsk = {}): Promise<AdminAnswer> {
  const answer = await stage.ask(line, ask)
  replies.push(answer.status === 201 ? JSON.stringify(answer.body.partner) : answer.text)
  return answer
}

/** Everything that can be done, and each secret in every place where it does not belong. */
async function administer(): Promise<void> {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  secrets['a private key that was pasted'] = privateKey.split('\n')[3] ?? ''
  secrets['an admin key'] = stage.keys.olivia
  secrets['the other admin key'] = stage.keys.oscar
  secrets['a wrong admin key'] = newKey()
  secrets['a shared key that was given'] = 'shared-key-of-the-shop-42'
  const made = await tell('POST /partners', { body: { name: 'Toko', publicKey } })
  const path = `/partners/${made.body.partner.partnerId}`
  secrets['the first secret'] = made.body.secret
  secrets['the second secret'] = (await tell(`POST ${path}/keys/secret`, { body: {} })).body.secret
  secrets['a shared key that was made'] = (await tell(`POST ${path}/keys/shared`, { body: {} })).body.secret
  await tell(`POST ${path}/keys/shared`, { body: { sharedKey: secrets['a shared key that was given'] } })
  for (const keyId of ['secret-1', 'secret-2']) await tell(`DELETE ${path}/keys/${keyId}`)
  await tell(`POST ${path}/keys/public`, { body: { publicKey: privateKey } })
  for (const secret of Object.values(secrets)) {
    await tell(`PATCH ${path}`, { body: { profile: secret } })
    await tell(`PATCH ${path}`, { body: { [secret]: 1 } })
    await tell(`PUT ${path}/state`, { body: { state: secret } })
    // A line of a key may begin with a slash, and would be a path.
    const url = `https://user:${encodeURIComponent(secret)}@shop.example/`
    await tell(`PUT ${path}/urls/any/token`, { body: { url } })
    await tell(`POST ${path}/keys/public`, { body: { publicKey: secret } })
    await tell(`POST ${path}/keys/secret`, { body: `{"overlapSeconds": "${secret}"` })
    await tell(`POST ${path}/keys/shared`, { body: { sharedKey: ` ${secret}` } })
    await tell(`GET ${path}?limit=${encodeURIComponent(secret)}`)
    await tell(`GET /nowhere/${encodeURIComponent(secret)}`)
    await tell('GET /partners', { headers: { 'if-match': secret.replace(/\s/g, '') } })
  }
  await tell('GET /partners', { key: secrets['a wrong admin key'] ?? '' })
  await tell(`GET ${path}`)
  await tell(`GET ${path}/audit`)
}

async function places(): Promise<Readonly<Record<string, string>>> {
  const tables = ['partners', 'partner_keys', 'partner_audit', 'partner_channels', 'partner_urls']
  const rows = await Promise.all(
    tables.map(async (name) => [
      `table ${name}`,
      JSON.stringify(await stage.query(`select to_jsonb(t) from ${name} t`)),
    ]),
  )
  return {
    ...Object.fromEntries(rows),
    'the log': stage.logged.join(''),
    'the replies': replies.join('\n'),
    'the metrics': await fetch(`${stage.url}/metrics`).then((response) => response.text()),
  }
}

test('no key and no secret of a partner is in a log, a table, the audit log, a metric or a later reply', async () => {
  const found: string[] = []
  const searched = await places()
  for (const place of ['table partner_keys', 'table partner_audit', 'the log', 'the replies'])
    assert.ok(String(searched[place]).length > 500, `${place} has something in it`)
  for (const [place, text] of Object.entries(searched)) {
    for (const [what, secret] of Object.entries(secrets)) {
      assert.ok(secret.length >= 20, what)
      const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').slice(0, -3)]
      if (forms.some((form) => text.includes(form))) found.push(`${what} is in ${place}`)
    }
  }
  assert.deepEqual(found, [])
})

test('everything was tried: made, rotated, refused', () => {
  for (const word of [
    '"action":"created"',
    '"action":"secret rotated"',
    '"action":"shared key set"',
    '"action":"key ended"',
    '"code":"invalid"',
    '"code":"unknown"',
    '"code":"conflict"',
    '"code":"unauthorized"',
  ])
    assert.ok(replies.join().includes(word), word)
})
