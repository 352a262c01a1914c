import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { createDatabase, dropDatabase } from '@gerbang/embedded'
import pg from 'pg'
import { openConfiguredVault } from '../../src/config.ts'
import { openPartners, readConfig } from '../../src/index.ts'
import { migrate } from '../../src/serve.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

async function withDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const name = `gerbang_upgrade_${process.hrtime.bigint()}`
  const admin = new URL(stage.databaseUrl)
  admin.pathname = '/postgres'
  const url = await createDatabase(admin.href, name)
  await work(url).finally(() => dropDatabase(admin.href, name))
}

const MIGRATIONS = new URL('../../../migrations/', import.meta.url)

/** The schema as it was when that migration was the last. */
async function buildSchema(client: pg.Client, last: string): Promise<void> {
  await client.query('create table migrations (name text primary key, applied_at timestamptz default now())')
  const names = (await readdir(MIGRATIONS)).filter(
    (name) => name.endsWith('.sql') && name.slice(0, 4) <= last,
  )
  for (const name of names.sort()) {
    await client.query(await readFile(new URL(name, MIGRATIONS), 'utf8'))
    await client.query('insert into migrations (name) values ($1)', [name])
  }
}

/** A partner with both keys, a suspended one with a key of the older form, and a binding on its page. */
async function fill(client: pg.Client): Promise<void> {
  const vault = openConfiguredVault(stage.config)
  const { partnerId, clientSecret } = stage.merchant.keys
  const [known] = await stage.query<{ public_key_pem: string }>(
    "select public_key_pem from partner_keys where partner_id = $1 and kind = 'public'",
    [partnerId],
  )
  const digest = (fill: number) => Buffer.alloc(32, fill)
  for (const [id, state] of [
    [partnerId, 'active'],
    ['suspended', 'suspended'],
  ] as const)
    await client.query(
      `insert into partners (partner_id, name, profile, state, public_key_pem, secret_sealed, shared_key_sealed, created_at)
       values ($1, 'Toko', 'doku', $2, $3, $4, $5, now())`,
      [
        id,
        state,
        known?.public_key_pem,
        vault.seal(clientSecret, `${id}|client-secret`),
        id === partnerId ? vault.seal('a shared key of 1 partner', `${id}|shared-key`) : null,
      ],
    )
  const binding = `insert into bindings (partner_id, reference_no, external_id, request_date, channel, flow, cust_id_merchant,
      card_lookup, card_sealed, issuer_number, last_four, auth_code_lookup, state, outcome, attempts, resends, otp_sent_at,
      created_at, expires_at, due_at, settled_at)
    values ($1, $2, $2, current_date, 'KARTU_KREDIT_INDONESIA_SNAP', 'DH', 'CUST001', $3, $4, '93600002', '0001', $5, $6, $7, 1,
      2, now(), now(), now() + interval '1 hour', $8, $9)`
  const now = new Date()
  const one = [digest(1), 'k1.sealed', digest(2), 'otp_sent', null, now, null]
  const two = [digest(1), null, digest(3), 'failed', 'doNotHonor', null, now]
  await client.query(binding, [partnerId, 'B1', ...one])
  await client.query(binding, [partnerId, 'B2', ...two])
  await client.query(
    `insert into otp_attempts (partner_id, reference_no, attempt, otp_lookup, is_wrong, tried_at) values ($1, 'B1', 1, $2, true, now())`,
    [partnerId, digest(4)],
  )
  await client.query(
    `insert into page_sessions (partner_id, session_lookup, reference_no, created_at, expires_at) values ($1, $2, 'B1', now(), now())`,
    [partnerId, digest(5)],
  )
}

test('a database of release 0012 keeps its partners, who sign as before, and its bindings with their pages', () =>
  withDatabase(async (url) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await buildSchema(client, '0012')
    await fill(client)
    const { rows: before } = await client.query(
      'select reference_no, state, attempts from bindings order by 1',
    )
    const env = { ...stage.env, DATABASE_URL: url }
    await migrate(readConfig(env))

    const { rows: after } = await client.query(
      'select reference_no, state, attempts from bindings order by 1',
    )
    assert.deepEqual(after, before)
    const { rows: sessions } = await client.query('select kind, binding_no, payment_no from page_sessions')
    assert.deepEqual(sessions, [{ kind: 'binding', binding_no: 'B1', payment_no: null }])
    const { rows: attempts } = await client.query('select step, attempt, is_wrong from otp_attempts')
    assert.deepEqual(attempts, [{ step: 'otp', attempt: 1, is_wrong: true }])
    const { rows: counts } = await client.query(
      'select otp_requests as n from bindings order by reference_no',
    )
    assert.deepEqual(counts, [{ n: 2 }, { n: 0 }], 'what an open one has used up of its codes')
    await client.end()

    const { partnerId } = stage.merchant.keys
    const partners = openPartners(readConfig(env))
    const idsOf = async (id: string) => (await partners.show(id)).keys.map(({ keyId }) => keyId)
    assert.deepEqual(await idsOf(partnerId), ['public-1', 'secret-1', 'shared-1'])
    assert.deepEqual(await idsOf('suspended'), ['public-1', 'secret-1'])
    const rotated = await partners.rotateSecret(partnerId, 60)
    assert.equal(rotated.keyId, 'secret-2')
    await partners.close()
    const { url: baseUrl } = await stage.openAnother({}, { DATABASE_URL: url })
    assert.equal((await stage.merchant.pay({}, { baseUrl })).status, 200, 'with the secret of before')
  }))
