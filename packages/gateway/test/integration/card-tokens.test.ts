import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import {
  CardTokenGone,
  cardLookup,
  findCardToken,
  keepCard,
  openCardToken,
} from '../../src/card-token/card-token.ts'
import { openConfiguredVault } from '../../src/config.ts'
import { type Database, openDatabase } from '../../src/database/pool.ts'
import { Secret } from '../../src/secret.ts'
import type { Vault } from '../../src/vault/vault.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
let database: Database
let vault: Vault
before(async () => {
  stage = await openStage()
  database = openDatabase({ url: stage.databaseUrl, connections: 10, timeoutMs: 5_000 })
  vault = openConfiguredVault(stage.config)
})
after(async () => {
  await database.close()
  await stage.close()
})

const NUMBER = '9360000220000000037'
const NETWORK_TOKEN = 'network-token-1'

function keep(changes: { partnerId?: string; number?: string; networkToken?: string } = {}): Promise<string> {
  const { partnerId = stage.merchant.keys.partnerId, number = NUMBER, networkToken = NETWORK_TOKEN } = changes
  const card = {
    partnerId,
    channel: 'KARTU_KREDIT_INDONESIA_SNAP',
    cardNumber: new Secret(number),
    networkToken: new Secret(networkToken),
    at: Date.now(),
  }
  return database.transaction((sql) => keepCard(sql, vault, card))
}

async function find(partnerId: string, bankCardToken: string) {
  const token = await findCardToken(database.sql, partnerId, bankCardToken)
  assert.ok(token)
  return token
}

async function newPartner(): Promise<string> {
  return (await stage.addMerchant()).keys.partnerId
}

test('a kept card opens with the vault, and neither number nor token stands in its row', async () => {
  const partnerId = await newPartner()
  const token = await find(partnerId, await keep({ partnerId }))
  const { cardNumber, networkToken } = openCardToken(vault, token)
  assert.equal(cardNumber.reveal(), NUMBER)
  assert.equal(networkToken.reveal(), NETWORK_TOKEN)
  const [row] = await stage.query<{ text: string }>(
    'select t::text as text from card_tokens t where partner_id = $1',
    [partnerId],
  )
  assert.ok(row && !row.text.includes(NUMBER.slice(8)) && !row.text.includes(NETWORK_TOKEN))
})

test('twenty keepings of one card at once end in one token', async () => {
  const partnerId = await newPartner()
  const tokens = await Promise.all(Array.from({ length: 20 }, () => keep({ partnerId })))
  assert.equal(new Set(tokens).size, 1)
})

test('a card that is kept again has the network’s newest token', async () => {
  const partnerId = await newPartner()
  const first = await keep({ partnerId })
  assert.equal(await keep({ partnerId, networkToken: 'network-token-2' }), first)
  assert.equal(openCardToken(vault, await find(partnerId, first)).networkToken.reveal(), 'network-token-2')
})

test('what is sealed for one partner and token opens under no other', async () => {
  const [one, other] = [await newPartner(), await newPartner()]
  const mine = await find(one, await keep({ partnerId: one }))
  const theirs = await find(other, await keep({ partnerId: other }))
  assert.throws(() => openCardToken(vault, { ...mine, partner_id: other }))
  assert.throws(() => openCardToken(vault, { ...mine, card_sealed: theirs.card_sealed }))
  assert.throws(() => openCardToken(vault, { ...mine, data_key_sealed: theirs.data_key_sealed }))
})

test('a card without its own key is forgotten, also in a copy of its row', async () => {
  const partnerId = await newPartner()
  const copy = await find(partnerId, await keep({ partnerId }))
  assert.throws(() => openCardToken(vault, { ...copy, data_key_sealed: null }), CardTokenGone)
  const [card] = [copy.card_sealed ?? '']
  assert.throws(() => vault.open(card, `${partnerId}|${copy.bank_card_token}|card`), /does not hold/)
})

test('a card that is being unbound cannot be kept again at the same moment', async () => {
  const partnerId = await newPartner()
  const token = await keep({ partnerId })
  await stage.query(`update card_tokens set state = 'unbinding' where bank_card_token = $1`, [token])
  await assert.rejects(() => keep({ partnerId }), CardTokenGone)
})

test('a card that was forgotten gets a new token when it is kept anew', async () => {
  const partnerId = await newPartner()
  const token = await keep({ partnerId })
  await stage.query(
    `update card_tokens set state = 'inactive', unbound_at = now(), data_key_sealed = null, card_sealed = null,
       network_token_sealed = null where bank_card_token = $1`,
    [token],
  )
  assert.notEqual(await keep({ partnerId }), token)
})

for (const [title, change] of [
  ['inactive and yet keeps its card', `state = 'inactive', unbound_at = now()`],
  ['active and yet without its key', 'data_key_sealed = null'],
  ['active and yet unbound', 'unbound_at = now()'],
] as const)
  test(`the database refuses a card that is ${title}`, async () => {
    const partnerId = await newPartner()
    const token = await keep({ partnerId })
    const write = () => stage.query(`update card_tokens set ${change} where bank_card_token = $1`, [token])
    await assert.rejects(write, /card_tokens_forgotten/)
  })

test('the look-up of a card is the partner’s own', () => {
  assert.notDeepEqual(cardLookup(vault, 'BRN-1', NUMBER), cardLookup(vault, 'BRN-2', NUMBER))
})

test('a transaction that fails leaves nothing, and its connection serves the next', async () => {
  const partnerId = await newPartner()
  const number = `9360000220${randomBytes(4).readUInt32BE().toString().padStart(9, '0').slice(-9)}`
  const failing = database.transaction(async (sql) => {
    const card = {
      partnerId,
      channel: 'X',
      cardNumber: new Secret(number),
      networkToken: new Secret('n'),
      at: 0,
    }
    await keepCard(sql, vault, card)
    throw new Error('no')
  })
  await assert.rejects(failing, /^Error: no$/)
  assert.deepEqual(await stage.query('select 1 from card_tokens where partner_id = $1', [partnerId]), [])
  await keep({ partnerId })
})
