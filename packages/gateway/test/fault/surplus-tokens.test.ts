import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import {
  CardTokenGone,
  cardLookup,
  dropNetworkToken,
  findCardToken,
  keepCard,
  openCardToken,
} from '../../src/card-token/card-token.ts'
import { openConfiguredVault } from '../../src/config.ts'
import { type Database, openDatabase, type Sql } from '../../src/database/pool.ts'
import { Secret } from '../../src/secret.ts'
import type { Vault } from '../../src/vault/vault.ts'
import { CardNetwork, type Mood } from '../card-network.ts'
import { anotherCard, readCard } from '../kept-cards.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { ALERT_MS, type ForgetterProcesses, LEASE_MS, openForgetterProcesses } from './forgetter-processes.ts'
import { Died, Fate, JumpingClock } from './process-alike.ts'
import { openUnbindingProcesses, type UnbindingProcesses } from './unbinding-processes.ts'

const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
const alive = () => new Fate(Number.POSITIVE_INFINITY)
const clock = new JumpingClock()
const network = new CardNetwork()
let stage: Stage
let database: Database
let vault: Vault
let partnerId: string
let forgetters: ForgetterProcesses
let unbinders: UnbindingProcesses
before(async () => {
  // The stage's own loop rests: this file's processes are the only ones that work, and die.
  stage = await openStage({ env: { GERBANG_UNBINDING_EVERY_MS: '3600000' } })
  partnerId = stage.merchant.keys.partnerId
  database = openDatabase({ url: stage.databaseUrl, connections: 10, timeoutMs: 5_000 })
  vault = openConfiguredVault(stage.config)
  forgetters = openForgetterProcesses(stage, clock, network)
  unbinders = openUnbindingProcesses(stage, clock, network)
})
after(async () => {
  await forgetters.close()
  await unbinders.close()
  await database.close()
  await stage.close()
})

const aToken = () => `NT-${randomBytes(8).toString('hex')}`

/** Keeps the card with that token of the network's, as a payment does that is linked: a token that cannot be kept is dropped. */
function keep(cardNumber: string, networkToken: string): Promise<string | undefined> {
  const token = { partnerId, channel: CHANNEL, networkToken: new Secret(networkToken), at: clock.now() }
  return database.transaction(async (sql) => {
    try {
      return await keepCard(sql, vault, { ...token, cardNumber: new Secret(cardNumber) })
    } catch (error) {
      if (!(error instanceof CardTokenGone)) throw error
      await dropNetworkToken(sql, vault, { ...token, cardLookup: cardLookup(vault, partnerId, cardNumber) })
      return undefined
    }
  })
}

/** A card with a token in use and one beside it. */
async function replaced() {
  const cardNumber = anotherCard()
  const [older, newer] = [aToken(), aToken()]
  const bankCardToken = await keep(cardNumber, older)
  assert.equal(await keep(cardNumber, newer), bankCardToken)
  return { bankCardToken: bankCardToken ?? '', cardNumber, older, newer }
}

const toldOf = (token: string) => network.told.filter(({ networkToken }) => networkToken === token)

async function statesOf(bankCardToken: string): Promise<readonly string[]> {
  const rows = await stage.query<{ state: string }>(
    'select state from surplus_tokens where bank_card_token = $1 order by wanted_at, surplus_no',
    [bankCardToken],
  )
  return rows.map(({ state }) => state)
}

async function pass(times = 1): Promise<void> {
  for (let n = 0; n < times; n++) {
    clock.jump(61_000)
    await forgetters.pass(alive())
  }
}

/** Whatever the network has been told to forget and has said yes to. */
const isForgotten = (token: string) =>
  toldOf(token).some(({ referenceNo }) => network.booked().get(referenceNo)?.kind === 'unbound')

for (const [first, then, ends] of [
  ['forgets', 'forgets', 'forgotten'],
  ['knows no such card', 'forgets', 'forgotten'],
  ['forgets and says nothing', 'forgets', 'forgotten'],
  ['hears nothing', 'forgets', 'forgotten'],
  ['is busy', 'forgets', 'forgotten'],
  ['refuses', 'refuses', 'refused'],
] as const satisfies readonly (readonly [Mood, Mood, string])[])
  test(`a process may die anywhere while the network ${first} and then ${then}: the token before is ${ends}`, async () => {
    const places = new Set<string>()
    for (let n = 0; ; n++) {
      network.mood = first
      const { bankCardToken, older, newer } = await replaced()
      const fate = new Fate(n)
      for (let round = 0; round < 3 && fate.where === undefined; round++) {
        clock.jump(LEASE_MS + 6_000)
        await forgetters.pass(fate).catch((error: unknown) => assert.ok(error instanceof Died, String(error)))
      }
      network.mood = then
      await pass(3)
      assert.deepEqual(await statesOf(bankCardToken), [ends], `after dying ${fate.where}`)
      assert.equal(new Set(toldOf(older).map(({ referenceNo }) => referenceNo)).size, 1)
      assert.deepEqual(toldOf(newer), [], 'the token in use is left alone')
      assert.equal((await readCard(stage, bankCardToken)).card, 'active')
      if (fate.where === undefined) break
      places.add(fate.where)
    }
    for (const place of ['after taking', 'before unbinding', 'after unbinding'])
      assert.ok(places.has(place), `nobody died ${place}: ${[...places].join(', ')}`)
  })

test('a network that says nothing clear for a day is told of once, and asked on until it does', async () => {
  network.mood = 'hears nothing'
  const { bankCardToken, older } = await replaced()
  await pass(3)
  const told = () => forgetters.alerted.filter((token) => token.bankCardToken === bankCardToken).length
  assert.equal(told(), 0)
  clock.jump(ALERT_MS)
  await pass(3)
  assert.equal(told(), 1)
  network.mood = 'forgets'
  await pass()
  assert.ok(isForgotten(older))
  assert.deepEqual(await statesOf(bankCardToken), ['forgotten'])
})

test('of a token that was forgotten nothing is kept that opens', async () => {
  network.mood = 'forgets'
  const { bankCardToken, older } = await replaced()
  const rows = () =>
    stage.query<{ text: string; token_sealed: string | null }>(
      'select s::text as text, token_sealed from surplus_tokens s where bank_card_token = $1',
      [bankCardToken],
    )
  const [open] = await rows()
  assert.ok(open?.token_sealed && !open.text.includes(older))
  await pass()
  assert.equal((await rows())[0]?.token_sealed, null)
})

test('a token that the network gives again is in use and is not forgotten', async () => {
  network.mood = 'forgets'
  const { bankCardToken, cardNumber, older, newer } = await replaced()
  await keep(cardNumber, older)
  assert.deepEqual(await statesOf(bankCardToken), ['withdrawn', 'requested'])
  await pass()
  assert.deepEqual(toldOf(older), [])
  assert.ok(isForgotten(newer))
  const card = await findCardToken(database.sql, partnerId, bankCardToken)
  assert.ok(card)
  assert.equal(openCardToken(vault, card).networkToken.reveal(), older)
})

for (const first of ['the loss', 'the keeping'] as const)
  test(`a token that a lost binding and a new card have at the same moment stays with the card, when ${first} comes first`, async () => {
    network.mood = 'forgets'
    const [cardNumber, networkToken] = [anotherCard(), aToken()]
    const token = { partnerId, channel: CHANNEL, networkToken: new Secret(networkToken), at: clock.now() }
    const lost = { ...token, cardLookup: cardLookup(vault, partnerId, cardNumber) }
    const works = {
      'the loss': (sql: Sql): Promise<unknown> => dropNetworkToken(sql, vault, lost),
      'the keeping': (sql: Sql): Promise<unknown> =>
        keepCard(sql, vault, { ...token, cardNumber: new Secret(cardNumber) }),
    }
    const other = first === 'the loss' ? 'the keeping' : 'the loss'
    // The second begins before the first is committed, and has time to end if nothing keeps it.
    const second = await database.transaction(async (sql) => {
      await works[first](sql)
      const begun = database.transaction(works[other])
      await Promise.race([begun, wait(300)])
      return { begun }
    })
    await second.begun
    await pass(2)
    assert.deepEqual(toldOf(networkToken), [])
  })

test('the same token given twice is no surplus', async () => {
  const cardNumber = anotherCard()
  const token = aToken()
  const bankCardToken = await keep(cardNumber, token)
  await keep(cardNumber, token)
  assert.deepEqual(await statesOf(bankCardToken ?? ''), [])
})

test('a token is not ended while a payment that may have been sent with it is under way', async () => {
  network.mood = 'forgets'
  const { bankCardToken, older } = await replaced()
  const referenceNo = newId()
  // Not due yet, or the stage's own gateway would end it.
  await stage.query(
    `insert into payments (partner_id, reference_no, partner_reference_no, released, external_id, request_date, channel, variant,
       issuer_number, amount_minor, card_lookup, bank_card_token, state, created_at, expires_at, due_at)
     values ($1, $2::text, $2, '', $2, current_date, $3, 'V3', '93600002', 100, sha256($2::bytea), $4, 'submitted', now(), now() + interval '1 hour', now() + interval '1 hour')`,
    [partnerId, referenceNo, CHANNEL, bankCardToken],
  )
  await pass(2)
  assert.deepEqual(toldOf(older), [])
  await stage.query(
    `update payments set state = 'declined', outcome = 'doNotHonor', due_at = null, settled_at = now(), released = reference_no
      where reference_no = $1`,
    [referenceNo],
  )
  await pass()
  assert.ok(isForgotten(older))
})

test('what the network refused to forget is told again, under a new number, when the card is unbound', async () => {
  network.mood = 'refuses'
  const { bankCardToken, older } = await replaced()
  await pass()
  assert.deepEqual(await statesOf(bankCardToken), ['refused'])
  network.mood = 'forgets'
  await unbinders.unbind(alive(), { tokenId: bankCardToken, externalId: newId() })
  await unbinders.pass(alive())
  await pass()
  assert.deepEqual(await statesOf(bankCardToken), ['forgotten'])
  assert.equal(new Set(toldOf(older).map(({ referenceNo }) => referenceNo)).size, 2)
  assert.equal((await readCard(stage, bankCardToken)).card, 'inactive')
})

test('however keeping, unbinding and forgetting fall together, every token but the one in use is forgotten', async () => {
  network.mood = 'forgets'
  const seen = new Set<string>()
  for (let round = 0; round < 25; round++) {
    const cardNumber = anotherCard()
    const tokens = [aToken()]
    const bankCardToken = (await keep(cardNumber, tokens[0] ?? '')) ?? ''
    const bindAgain = async () => {
      const token = aToken()
      tokens.push(token)
      seen.add((await keep(cardNumber, token)) === undefined ? 'dropped' : 'kept')
    }
    const leave = async () => {
      await unbinders.unbind(alive(), { tokenId: bankCardToken, externalId: newId() })
      if (round % 2 === 0) await unbinders.pass(alive())
    }
    clock.jump(6_000)
    await Promise.all([bindAgain(), leave(), forgetters.pass(alive()), bindAgain(), forgetters.pass(alive())])
    await bindAgain()
    clock.jump(LEASE_MS)
    await unbinders.pass(alive())
    await pass(2)
    await assertOneInUse(cardNumber, tokens)
  }
  assert.deepEqual([...seen].sort(), ['dropped', 'kept'])
})

async function assertOneInUse(cardNumber: string, tokens: readonly string[]): Promise<void> {
  const rows = await stage.query<{ bank_card_token: string }>(
    "select bank_card_token from card_tokens where card_lookup = $1 and state = 'active'",
    [cardLookup(vault, partnerId, cardNumber)],
  )
  const card = rows[0] && (await findCardToken(database.sql, partnerId, rows[0].bank_card_token))
  const inUse = card && openCardToken(vault, card).networkToken.reveal()
  assert.deepEqual(
    tokens.filter((token) => !isForgotten(token)),
    inUse === undefined ? [] : [inUse],
  )
}
