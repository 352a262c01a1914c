import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { findCardToken, openCardToken } from '../../src/card-token/card-token.ts'
import { openConfiguredVault } from '../../src/config.ts'
import { openDatabase } from '../../src/database/pool.ts'
import {
  openVaultRotation,
  type RotationOptions,
  type RotationProgress,
  readConfig,
} from '../../src/index.ts'
import { ROTATED } from '../../src/vault-rotation/vault-rotation.ts'
import { aBinding, BIND_PATH, H2H, newCard } from '../card-customer.ts'
import { anotherCard, keepCardOf, NETWORK_TOKEN } from '../kept-cards.ts'
import { newId, PAYMENT_PATH } from '../merchant.ts'
import { addSealedPayments, type KeyRing, keysOf, openEverything, textsOf, twoKeys } from '../sealed-rows.ts'
import { openStage, type Stage } from '../stage.ts'
import { aJump } from '../wallet-network.ts'

let stage: Stage
let ring: KeyRing
before(async () => {
  // What is to be forgotten stays, to be rotated.
  stage = await openStage({ env: { GERBANG_CHANNELS: 'kki,dana', GERBANG_UNBINDING_EVERY_MS: '3600000' } })
  ring = twoKeys(stage)
})
after(() => stage.close())

async function rotate(first: 'k1' | 'k2', options: RotationOptions = {}) {
  const rotation = openVaultRotation(readConfig(ring.env(first)))
  return rotation.rotate(options).finally(() => rotation.close())
}

/** One of everything that is sealed. */
async function fill() {
  await stage.merchant.pay()
  const binding = aBinding(stage.merchant, { cardNumber: await newCard(stage) })
  const externalId = newId()
  const more = { externalId, headers: H2H }
  const reply = await stage.merchant.call(BIND_PATH, binding, more)
  assert.equal(reply.body.responseCode, '2000100', reply.text)
  const bindAgain = (baseUrl: string) => stage.merchant.call(BIND_PATH, binding, { ...more, baseUrl })
  const cardNumber = anotherCard()
  await keepCardOf(stage, { cardNumber, networkToken: 'NT-that-is-superseded', customer: 'CUST002' })
  const kept = await keepCardOf(stage, { cardNumber })
  await keepCardOf(stage, { cardNumber: anotherCard(), state: 'otp_sent' })
  const vault = openConfiguredVault(stage.config)
  const { partnerId } = stage.merchant.keys
  await stage.query(
    `insert into partner_keys (partner_id, key_id, kind, secret_sealed, created_at)
     values ($1, 'shared-1', 'shared', $2, now())`,
    [partnerId, vault.seal('the shared key', `${partnerId}|shared-key`)],
  )
  const jump = aJump(newId())
  const jumped = await stage.merchant.call(PAYMENT_PATH, jump, { externalId })
  assert.equal(jumped.body.responseCode, '2005400', jumped.text)
  const jumpAgain = (baseUrl: string) => stage.merchant.call(PAYMENT_PATH, jump, { externalId, baseUrl })
  return { ...kept, reply, bindAgain, jumped, jumpAgain }
}

test('every column that holds something sealed is rotated, or is sealed under a key that is', async () => {
  const columns = await stage.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
      where table_schema = 'public' and column_name like '%sealed%' order by 1`,
  )
  const underDataKeys = ['card_tokens.card_sealed', 'card_tokens.network_token_sealed']
  assert.deepEqual(
    columns.map(({ name }) => name),
    [...ROTATED.map(({ table, column }) => `${table}.${column}`), ...underDataKeys]
      .filter((name) => name !== 'request_ids.reply')
      .sort(),
  )
})

test('everything is sealed anew and says what it said, and the old key is told to be unused', async () => {
  const { bankCardToken, reply, bindAgain, jumped, jumpAgain } = await fill()
  await addSealedPayments(stage, 300)
  const before = await openEverything(stage, ring.env('k1'))
  assert.deepEqual(keysOf(before), ['k1'])
  const told: RotationProgress[] = []
  const outcome = await rotate('k2', { batch: 50, onProgress: (progress) => told.push(progress) })

  const after = await openEverything(stage, ring.env('k2'))
  assert.deepEqual(textsOf(after), textsOf(before))
  assert.deepEqual(keysOf(after), ['k2'])
  assert.equal(outcome.isComplete, true)
  assert.deepEqual(outcome.unusedKeys, ['k1'])
  assert.deepEqual(outcome.valuesByKey, { k2: before.length })
  for (const { table, column } of ROTATED) {
    const own = outcome.columns.find((line) => line.table === table && line.column === column)
    const count = before.filter(({ place }) => place.startsWith(`${table}.${column} `)).length
    assert.ok(count > 0, `${table}.${column} was not filled`)
    assert.deepEqual(own, { table, column, done: count, left: 0, unreadable: 0 })
  }
  const payments = told.filter(({ table }) => table === 'payments')
  assert.ok(payments.length >= 6, 'a batch is bounded')
  for (const [n, { done, left }] of payments.entries()) {
    assert.equal(done + left, 301)
    assert.ok(n === 0 || done > (payments[n - 1]?.done ?? 0))
  }

  // The new key alone is enough: partners sign, cards open.
  const only = { GERBANG_CARD_KEYS: String(ring.env('k2').GERBANG_CARD_KEYS).split(',')[0] ?? '' }
  const { url: baseUrl } = await stage.openAnother({}, only)
  assert.equal((await stage.merchant.pay({}, { baseUrl })).status, 200)
  const again = await bindAgain(baseUrl)
  assert.deepEqual([again.status, again.text], [409, reply.text])
  const jumpedAgain = await jumpAgain(baseUrl)
  assert.deepEqual([jumpedAgain.status, jumpedAgain.text], [409, jumped.text])
  const database = openDatabase({ url: stage.databaseUrl, connections: 1, timeoutMs: 5_000 })
  const card = await findCardToken(database.sql, stage.merchant.keys.partnerId, bankCardToken)
  await database.close()
  assert.ok(card)
  const vault = openConfiguredVault(readConfig({ ...stage.env, ...only }))
  assert.equal(openCardToken(vault, card).networkToken.reveal(), NETWORK_TOKEN)
})

test('a second run finds nothing to do, and a run back seals all of it under the first key again', async () => {
  const before = await openEverything(stage, ring.env('k1'))
  const idle = await rotate('k2')
  assert.ok(idle.columns.every(({ done, left }) => done === 0 && left === 0))
  const back = await rotate('k1')
  assert.deepEqual(back.unusedKeys, ['k2'])
  const after = await openEverything(stage, ring.env('k1'))
  assert.deepEqual(keysOf(after), ['k1'])
  assert.deepEqual(textsOf(after), textsOf(before))
})

test('a run that is stopped leaves everything readable, and the next one does the rest', async () => {
  const before = await openEverything(stage, ring.env('k1'))
  const stop = new AbortController()
  let batches = 0
  const onProgress = ({ table }: RotationProgress) => {
    if (table === 'payments' && ++batches === 3) stop.abort()
  }
  const stopped = await rotate('k2', { batch: 20, onProgress, signal: stop.signal })
  assert.equal(stopped.isComplete, false)
  assert.deepEqual(stopped.unusedKeys, [])
  const halfway = await openEverything(stage, ring.env('k1'))
  assert.deepEqual(keysOf(halfway), ['k1', 'k2'])
  assert.deepEqual(textsOf(halfway), textsOf(before))

  const rest = await rotate('k2', { batch: 20 })
  assert.equal(rest.isComplete, true)
  const doneBefore = stopped.columns.reduce((sum, { done }) => sum + done, 0)
  const doneAfter = rest.columns.reduce((sum, { done }) => sum + done, 0)
  assert.equal(doneBefore + doneAfter, before.length)
  await rotate('k1')
})

test('a row that somebody holds is waited for by nobody, and is done in a later run', async () => {
  const database = openDatabase({ url: stage.databaseUrl, connections: 1, timeoutMs: 30_000 })
  const count = (await openEverything(stage, ring.env('k1'))).length
  await database.transaction(async (sql) => {
    await sql`select 1 from payments where reference_no = 'SEALED00000000000000000007' for update`
    const outcome = await rotate('k2')
    assert.equal(outcome.isComplete, false)
    assert.deepEqual(outcome.valuesByKey, { k1: 1, k2: count - 1 })
    assert.deepEqual(outcome.unusedKeys, [])
  })
  await database.close()
  const outcome = await rotate('k2')
  assert.equal(outcome.isComplete, true)
  assert.equal(outcome.columns.find(({ table }) => table === 'payments')?.done, 1)
  await rotate('k1')
})

test('a value that changed or went since it was read is left alone: nothing that was forgotten comes back', async () => {
  const { bankCardToken } = await keepCardOf(stage, { cardNumber: anotherCard() })
  const { partnerId } = stage.merchant.keys
  const [row] = await stage.query<{ sealed: string }>(
    'select data_key_sealed sealed from card_tokens where bank_card_token = $1',
    [bankCardToken],
  )
  await stage.query("update bindings set state = 'inactive' where bank_card_token = $1", [bankCardToken])
  await stage.query(
    `update card_tokens set state = 'inactive', unbound_at = now(), data_key_sealed = null, card_sealed = null,
            network_token_sealed = null where bank_card_token = $1`,
    [bankCardToken],
  )
  const column = ROTATED.find(({ table }) => table === 'card_tokens')
  assert.ok(column && row)
  const database = openDatabase({ url: stage.databaseUrl, connections: 1, timeoutMs: 5_000 })
  const change = { key: [partnerId, bankCardToken], old: row.sealed, new: 'k2.other' }
  assert.equal(await column.write(database.sql, [change]), 0)
  await database.close()
  const [left] = await stage.query<{ sealed: string | null }>(
    'select data_key_sealed sealed from card_tokens where bank_card_token = $1',
    [bankCardToken],
  )
  assert.equal(left?.sealed, null)
})

test('a value that no key opens is told and never touched, and keeps its key from being called unused', async () => {
  const number = 'SEALED00000000000000000003'
  const place = 'payments.card_sealed'
  const broken = { 'of a lost key': 'k9.AAAAAAAA', 'of another row': '' }
  const [other] = await stage.query<{ sealed: string }>(
    "select card_sealed sealed from payments where reference_no = 'SEALED00000000000000000004'",
  )
  broken['of another row'] = String(other?.sealed)
  const [own] = await stage.query<{ sealed: string }>(
    'select card_sealed sealed from payments where reference_no = $1',
    [number],
  )
  for (const [kind, sealed] of Object.entries(broken)) {
    await stage.query('update payments set card_sealed = $2 where reference_no = $1', [number, sealed])
    const outcome = await rotate('k2')
    const line = outcome.columns.find(({ table, column }) => `${table}.${column}` === place)
    assert.deepEqual([line?.left, line?.unreadable, outcome.isComplete], [1, 1, false], kind)
    assert.deepEqual(outcome.unusedKeys, kind === 'of a lost key' ? ['k1'] : [], kind)
    const [left] = await stage.query<{ sealed: string }>(
      'select card_sealed sealed from payments where reference_no = $1',
      [number],
    )
    assert.equal(left?.sealed, sealed)
    await stage.query('update payments set card_sealed = $2 where reference_no = $1', [number, own?.sealed])
    await rotate('k1')
  }
})

test('an empty stretch of rows without anything sealed ends no run early', async () => {
  await stage.query(
    `update payments set card_sealed = null where reference_no like 'SEALED%' and reference_no < 'SEALED00000000000000000200'`,
  )
  const outcome = await rotate('k2', { batch: 10 })
  assert.equal(outcome.isComplete, true)
  assert.deepEqual(keysOf(await openEverything(stage, ring.env('k2'))), ['k2'])
})

test('a program that does not know all tables rotates nothing', async () => {
  await stage.merchant.pay()
  const sealed = () => stage.query('select card_sealed from payments order by reference_no')
  const before = await sealed()
  await stage.query("insert into migrations (name) values ('9999-later.sql')")
  for (const first of ['k1', 'k2'] as const)
    await assert.rejects(rotate(first), /newer than this program, which does not know 9999-later\.sql/)
  await stage.query("delete from migrations where name = '9999-later.sql'")
  assert.deepEqual(await sealed(), before)
})
