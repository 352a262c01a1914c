import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { CardTokenGone, dataKeyContext, keepCard } from '../../src/card-token/card-token.ts'
import { systemClock } from '../../src/clock.ts'
import { openConfiguredVault } from '../../src/config.ts'
import { openDatabase } from '../../src/database/pool.ts'
import { Secret } from '../../src/secret.ts'
import { CardNetwork } from '../card-network.ts'
import { redeem, refresh } from '../customer.ts'
import {
  anotherCard,
  keepCardOf,
  NETWORK_TOKEN,
  readCard,
  UNBIND_PATH,
  unbind,
  untilEnded,
} from '../kept-cards.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

const network = new CardNetwork()
let stage: Stage
before(async () => {
  stage = await openStage({
    seams: { channels: [network.channel] },
    env: {
      GERBANG_UNBINDING_EVERY_MS: '20',
      GERBANG_UNBINDING_FIRST_PAUSE_MS: '20',
      GERBANG_UNBINDING_LONGEST_PAUSE_MS: '100',
    },
  })
})
after(() => stage.close())
beforeEach(() => {
  network.mood = 'forgets'
})

const INVALID_CARD = {
  responseCode: '4040511',
  responseMessage: 'Invalid Card/Account/Customer/Virtual Account',
}
const ENDED = {
  card: 'inactive',
  sealed: 0,
  bindings: ['inactive'],
  unbindings: ['completed'],
  events: ['card.unbinding.requested.v1', 'card.unbinding.completed.v1'],
}

function keep(more: object = {}) {
  return keepCardOf(stage, { cardNumber: anotherCard(), ...more })
}

/** A card whose unbinding stays open. */
async function pending() {
  network.mood = 'hears nothing'
  const kept = await keep()
  const { body } = await unbind(stage.merchant, kept.bankCardToken)
  return { ...kept, unbinding: String(body.referenceNo) }
}

test('the partner is answered at once, and the network forgets the card afterwards', async () => {
  const { bankCardToken } = await keep()
  const { status, body } = await unbind(stage.merchant, bankCardToken)
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(body), ['responseCode', 'responseMessage', 'referenceNo'])
  assert.equal(body.responseCode, '2000500')
  assert.equal(body.responseMessage, 'Successful')
  assert.deepEqual(await untilEnded(stage, bankCardToken), ENDED)
  assert.deepEqual(network.told.at(-1), {
    call: 'unbind',
    referenceNo: body.referenceNo,
    networkToken: NETWORK_TOKEN,
  })
})

test('the answer does not wait for a network that is silent', async () => {
  const { bankCardToken, unbinding } = await pending()
  assert.match(unbinding, /^\d{32}$/)
  const line = await readCard(stage, bankCardToken)
  assert.deepEqual([line.card, line.bindings, line.sealed], ['unbinding', ['unbinding'], 3])
  network.mood = 'forgets'
  assert.deepEqual(await untilEnded(stage, bankCardToken), ENDED)
})

test('all bindings of the card go, whichever customer made them, and no other card', async () => {
  const cardNumber = anotherCard()
  const one = await keep({ cardNumber, customer: 'ONE' })
  await keep({ cardNumber, customer: 'TWO' })
  const other = await keep({ customer: 'ONE' })
  const { body } = await unbind(stage.merchant, one.bankCardToken)
  const line = await untilEnded(stage, one.bankCardToken)
  assert.deepEqual(line, { ...ENDED, bindings: ['inactive', 'inactive'] })
  assert.equal((await readCard(stage, other.bankCardToken)).card, 'active')
  const [event] = await stage.query<{ bindings: string[]; keys: string[] }>(
    "select body->'bindings' bindings from outbox where reference_no = $1 and sequence = 2",
    [body.referenceNo],
  )
  assert.equal(event?.bindings.length, 2)
})

test('what was copied out of the row before cannot be opened afterwards with all keys of the vault', async () => {
  const { bankCardToken } = await keep()
  const other = await keep()
  const { partnerId } = stage.merchant.keys
  const read = async (token: string) => {
    const [row] = await stage.query<{ card_sealed: string; data_key_sealed: string }>(
      'select card_sealed, data_key_sealed from card_tokens where bank_card_token = $1',
      [token],
    )
    assert.ok(row)
    return row
  }
  const vault = openConfiguredVault(stage.config)
  const copy = await read(bankCardToken)
  const context = `${partnerId}|${bankCardToken}|card`
  // With its data key it opens: the copy is the real thing.
  const key = vault.openDataKey(copy.data_key_sealed, dataKeyContext(partnerId, bankCardToken))
  assert.match(key.open(copy.card_sealed, context), /^9360/)

  await unbind(stage.merchant, bankCardToken)
  await untilEnded(stage, bankCardToken)
  const left = await read(bankCardToken)
  assert.deepEqual([left.card_sealed, left.data_key_sealed], [null, null])
  assert.throws(() => vault.open(copy.card_sealed, context))
  const { data_key_sealed } = await read(other.bankCardToken)
  const others = vault.openDataKey(data_key_sealed, dataKeyContext(partnerId, other.bankCardToken))
  assert.throws(() => others.open(copy.card_sealed, context))
  const [found] = await stage.query<{ n: number }>(
    'select count(*)::int n from card_tokens where $1 in (data_key_sealed, card_sealed)',
    [copy.data_key_sealed],
  )
  assert.equal(found?.n, 0)
})

test('asked again while it is under way, the same number is answered and nothing is begun anew', async () => {
  const { bankCardToken, unbinding } = await pending()
  for (let n = 0; n < 3; n++) {
    const { status, body } = await unbind(stage.merchant, bankCardToken)
    assert.equal(status, 200)
    assert.deepEqual([body.responseCode, body.referenceNo], ['2000500', unbinding])
  }
  const line = await readCard(stage, bankCardToken)
  assert.equal(line.unbindings.length, 1)
  assert.deepEqual(line.events, ['card.unbinding.requested.v1'])
})

test('the same request comes back to the letter, also when the card is gone; another one with its id is a conflict', async () => {
  const { bankCardToken } = await keep()
  const externalId = newId()
  const first = await unbind(stage.merchant, bankCardToken, { externalId })
  await untilEnded(stage, bankCardToken)
  const again = await unbind(stage.merchant, bankCardToken, { externalId })
  assert.equal(again.status, 409)
  assert.equal(again.text, first.text)
  for (const body of [{ additionalInfo: { channel: 'KKI_SNAP' } }, { partnerReferenceNo: 7 }]) {
    const other = await unbind(stage.merchant, bankCardToken, { externalId, body })
    assert.deepEqual(other.body, { responseCode: '4090500', responseMessage: 'Conflict' })
  }
})

test('under the standard’s profile a repeated id is a bare conflict', async () => {
  const merchant = await stage.addMerchant('snap')
  const { bankCardToken } = await keep({ merchant })
  const externalId = newId()
  assert.equal((await unbind(merchant, bankCardToken, { externalId })).body.responseCode, '2000500')
  assert.equal((await unbind(merchant, bankCardToken, { externalId })).body.responseCode, '4090500')
})

test('unknown, forgotten and another partner’s cards are answered alike, and use up no external id', async () => {
  const other = await stage.addMerchant()
  const foreign = await keep({ merchant: other })
  const forgotten = await keep()
  await unbind(stage.merchant, forgotten.bankCardToken)
  await untilEnded(stage, forgotten.bankCardToken)
  const tokens = ['0'.repeat(32), 'TOKEN-KKI-ABC123XYZ', 'x'.repeat(2048), 'a.b.c']
  const externalId = newId()
  for (const token of [...tokens, foreign.bankCardToken, forgotten.bankCardToken]) {
    const { status, body } = await unbind(stage.merchant, token, { externalId })
    assert.equal(status, 404)
    assert.deepEqual(body, INVALID_CARD)
  }
  assert.equal((await readCard(stage, foreign.bankCardToken)).card, 'active')
  const { bankCardToken } = await keep()
  assert.equal((await unbind(stage.merchant, bankCardToken, { externalId })).status, 200)
})

test('a customer’s token stands for its card, also when it has expired', async () => {
  const ahead = 16 * 86_400_000
  const clock = { ...systemClock, now: () => Date.now() + ahead, shiftMs: () => ahead }
  const later = await stage.openAnother({ clock, channels: [network.channel] })
  const token = (await stage.merchant.askToken({ baseUrl: later.url })).body.accessToken
  for (const [kind, more] of Object.entries({
    fresh: {},
    expired: { baseUrl: later.url, token },
  })) {
    const { bankCardToken, authCode } = await keep()
    const { body } = await redeem(stage.merchant, authCode)
    const answer = await unbind(stage.merchant, body.accessToken, more)
    assert.equal(answer.status, 200, kind)
    assert.equal((await untilEnded(stage, bankCardToken)).card, 'inactive')
    assert.deepEqual((await unbind(stage.merchant, body.accessToken, more)).body, INVALID_CARD)
  }
  await later.gateway.close()
})

test('a customer’s token of a card under way is answered with the same number', async () => {
  const { bankCardToken, authCode } = await keep()
  const { body } = await redeem(stage.merchant, authCode)
  network.mood = 'hears nothing'
  const first = await unbind(stage.merchant, bankCardToken)
  const second = await unbind(stage.merchant, body.accessToken)
  assert.equal(second.body.referenceNo, first.body.referenceNo)
})

test('no token but a customer’s own access token stands for a card', async () => {
  const other = await stage.addMerchant()
  const { bankCardToken, authCode } = await keep()
  const foreign = await keep({ merchant: other })
  const own = (await redeem(stage.merchant, authCode)).body
  const others = (await redeem(other, foreign.authCode)).body
  for (const [kind, token] of Object.entries({
    'a refresh token': own.refreshToken,
    'a partner’s token': await stage.merchant.token(),
    'another partner’s customer': others.accessToken,
    'a forged one': `${String(own.accessToken).slice(0, -6)}AAAAAA`,
  }))
    assert.deepEqual((await unbind(stage.merchant, token)).body, INVALID_CARD, kind)
  assert.equal((await readCard(stage, bankCardToken)).card, 'active')
})

test('a customer’s token in the header must be about the card that is named', async () => {
  const one = await keep()
  const two = await keep()
  const { body } = await redeem(stage.merchant, one.authCode)
  const headers = { 'Authorization-Customer': `Bearer ${body.accessToken}` }
  const refused = await unbind(stage.merchant, two.bankCardToken, { headers })
  assert.equal(refused.body.responseCode, '4040518')
  assert.equal((await readCard(stage, two.bankCardToken)).card, 'active')
  assert.equal((await unbind(stage.merchant, one.bankCardToken, { headers })).status, 200)
})

test('customers’ tokens die at once, and live again when the network keeps the card', async () => {
  const { bankCardToken, authCode } = await keep()
  const { body } = await redeem(stage.merchant, authCode)
  const pay = () => stage.merchant.pay({}, { headers: { 'Authorization-Customer': body.accessToken } })
  assert.equal((await pay()).status, 200)
  network.mood = 'hears nothing'
  await unbind(stage.merchant, bankCardToken)
  assert.equal((await pay()).body.responseCode, '4015402')
  assert.equal((await redeem(stage.merchant, authCode)).body.responseCode, '4017400')
  assert.equal((await refresh(stage.merchant, body.refreshToken)).body.responseCode, '4017400')
  network.mood = 'refuses'
  assert.equal((await untilEnded(stage, bankCardToken)).card, 'active')
  assert.equal((await pay()).status, 200)
})

test('a card that is on its way out cannot be kept again meanwhile, and afterwards has another token', async () => {
  const cardNumber = anotherCard()
  const { bankCardToken } = await keep({ cardNumber })
  network.mood = 'hears nothing'
  await unbind(stage.merchant, bankCardToken)
  await assert.rejects(keep({ cardNumber, customer: 'TWO' }), CardTokenGone)
  network.mood = 'forgets'
  await untilEnded(stage, bankCardToken)
  const again = await keep({ cardNumber })
  assert.notEqual(again.bankCardToken, bankCardToken)
  assert.equal((await readCard(stage, bankCardToken)).card, 'inactive')
})

test('a card that is kept for one more customer at the moment of its unbinding is never half gone', async () => {
  for (let round = 0; round < 10; round++) {
    const cardNumber = anotherCard()
    const { bankCardToken } = await keep({ cardNumber, customer: 'ONE' })
    await Promise.all([
      unbind(stage.merchant, bankCardToken),
      keep({ cardNumber, customer: 'TWO' }).catch((error) => assert.ok(error instanceof CardTokenGone)),
    ])
    const line = await untilEnded(stage, bankCardToken)
    assert.equal(line.card, 'inactive')
    assert.ok(line.bindings.every((state) => state === 'inactive'))
  }
})

test('fifty requests at once for one card are one unbinding, through two gateways', async () => {
  network.mood = 'hears nothing'
  const { url } = await stage.openAnother({ channels: [network.channel] })
  const { bankCardToken } = await keep()
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      unbind(stage.merchant, bankCardToken, { baseUrl: n % 2 === 0 ? stage.url : url }),
    ),
  )
  for (const { status, text } of answers) assert.equal(status, 200, text)
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
  const line = await readCard(stage, bankCardToken)
  assert.equal(line.unbindings.length, 1)
  assert.equal(line.events.length, 1)
  network.mood = 'forgets'
  assert.deepEqual(await untilEnded(stage, bankCardToken), ENDED)
})

test('fifty copies of one request are one unbinding, and each is answered with it', async () => {
  const { bankCardToken } = await keep()
  const externalId = newId()
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => unbind(stage.merchant, bankCardToken, { externalId })),
  )
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(answers.filter(({ status }) => status === 409).length, 49)
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
})

for (const [channel, code] of [
  [undefined, '2000500'],
  ['KARTU_KREDIT_INDONESIA_SNAP', '2000500'],
  ['kki_snap', '2000500'],
  ['EMONEY_OVO_SNAP', '4000501'],
] as const)
  test(`the channel ${channel ?? '(none)'} is answered with ${code}`, async () => {
    const { bankCardToken } = await keep()
    const body = channel === undefined ? {} : { additionalInfo: { channel } }
    assert.equal((await unbind(stage.merchant, bankCardToken, { body })).body.responseCode, code)
  })

test('a channel that keeps no cards cannot forget one', async () => {
  const { bindings: _, ...cardless } = network.channel
  const { url: baseUrl } = await stage.openAnother(
    { channels: [cardless] },
    { GERBANG_UNBINDING_EVERY_MS: '3600000' },
  )
  const { bankCardToken } = await keep()
  const { body } = await unbind(stage.merchant, bankCardToken, { baseUrl })
  assert.equal(body.responseCode, '4050500')
})

for (const [body, message] of [
  [{}, 'Invalid Mandatory Field tokenId'],
  [{ tokenId: '' }, 'Invalid Mandatory Field tokenId'],
  [{ tokenId: null }, 'Invalid Mandatory Field tokenId'],
  [{ tokenId: 7 }, 'Invalid Field Format tokenId'],
  [{ tokenId: 'x'.repeat(2049) }, 'Invalid Field Format tokenId'],
] as const)
  test(`the body ${JSON.stringify(body).slice(0, 40)} is refused: ${message}`, async () => {
    const answer = await stage.merchant.call(UNBIND_PATH, body)
    assert.equal(answer.status, 400)
    assert.equal(answer.body.responseMessage, message)
  })

test('nothing in the log or an event tells a token or a card', async () => {
  const cardNumber = anotherCard()
  const { bankCardToken, authCode } = await keep({ cardNumber })
  await unbind(stage.merchant, bankCardToken)
  await untilEnded(stage, bankCardToken)
  const events = await stage.query<{ body: string }>('select body::text from outbox')
  const words = stage.logged.join('') + events.map(({ body }) => body).join('')
  for (const secret of [bankCardToken, cardNumber, authCode, NETWORK_TOKEN])
    assert.ok(!words.includes(secret))
})

test('the row refuses a card that is half forgotten', async () => {
  const { bankCardToken } = await keep()
  for (const change of [
    "state = 'inactive', unbound_at = now()",
    'data_key_sealed = null',
    "state = 'inactive', unbound_at = now(), data_key_sealed = null, card_sealed = null",
  ])
    await assert.rejects(
      stage.query(`update card_tokens set ${change} where bank_card_token = $1`, [bankCardToken]),
      /card_tokens_forgotten/,
    )
})

test('keeping a card again gives its row the network’s newest token, which is the one that is unbound', async () => {
  const cardNumber = anotherCard()
  const { bankCardToken } = await keep({ cardNumber })
  const database = openDatabase({ url: stage.databaseUrl, connections: 1, timeoutMs: 5_000 })
  const card = {
    partnerId: stage.merchant.keys.partnerId,
    channel: network.channel.profile.name,
    cardNumber: new Secret(cardNumber),
    networkToken: new Secret('NT-the-newest'),
    at: Date.now(),
  }
  const vault = openConfiguredVault(stage.config)
  assert.equal(await database.transaction((sql) => keepCard(sql, vault, card)), bankCardToken)
  await database.close()
  await unbind(stage.merchant, bankCardToken)
  await untilEnded(stage, bankCardToken)
  assert.equal(network.told.at(-1)?.networkToken, 'NT-the-newest')
})
