import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/clock.ts'
import { anotherCard, keepCardOf } from '../kept-cards.ts'
import type { Answer } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { bodyOf } from './bodies.ts'
import type { Client } from './client.ts'
import { CLIENTS } from './clients.ts'
import { go } from './go.ts'
import { java } from './java.ts'
import { node } from './node.ts'
import { php } from './php.ts'
import { python } from './python.ts'
import { readAs } from './readers.ts'
import { type Changes, Session } from './session.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
const INVALID_B2B = { responseCode: '4015501', responseMessage: 'Invalid Token (B2B)' }

/** Whatever it is asked, the one who asks has been let in when nothing was found. */
function ask(session: Session, changes: Changes = {}): Promise<Answer> {
  const wish = { channel: CHANNEL, originalPartnerReferenceNo: 'INV-NEVER' }
  return session.call('check_status', bodyOf(session.client, 'check_status', wish), changes)
}

async function expectLetIn(session: Session, changes: Changes = {}): Promise<void> {
  const answer = await ask(session, changes)
  assert.equal(answer.body?.responseCode, '4045501', answer.text)
}

/** A library that has its tokens: the partner's, and that of a customer whose card is kept. */
async function opened(client: Client) {
  const session = new Session(client, stage.merchant)
  const kept = await keepCardOf(stage, { cardNumber: anotherCard() })
  return { session, ...kept }
}

for (const client of CLIENTS) {
  test(`${client.name} can read both tokens, and is let in with the first`, async () => {
    const { session, authCode } = await opened(client)
    const minted = await session.mint()
    assert.equal(readAs(client.name, 'token_b2b', minted).isAccepted, true, minted.text)
    const redeemed = await session.redeem(authCode)
    assert.equal(readAs(client.name, 'token_b2b2c', redeemed).isAccepted, true, redeemed.text)
    await expectLetIn(session)
    session.close()
  })

  test(`${client.name} asks three times in one second with one signature, and every token is good`, async () => {
    const { session } = await opened(client)
    const at = Date.now()
    const tokens = []
    for (let round = 0; round < 3; round++) {
      const answer = await session.mint({ at })
      assert.equal(answer.status, 200, answer.text)
      tokens.push(session.token)
    }
    for (const token of tokens) await expectLetIn(session, { token })
    session.close()
  })

  test(`${client.name} asks for a customer's token again and again, and the old ones stay good`, async () => {
    const { session, authCode } = await opened(client)
    await session.mint()
    const tokens = []
    for (let round = 0; round < 3; round++) {
      assert.equal((await session.redeem(authCode)).status, 200)
      tokens.push(session.customerToken)
    }
    for (const customerToken of tokens) {
      const answer = await session.call('refund', aRefund(client), { customerToken })
      // Nobody made that payment: who is told so has been let in.
      assert.equal(answer.body?.responseCode, '4040701', answer.text)
    }
    session.close()
  })

  test(`${client.name} goes on with a token that has expired, and is told so in two members`, async () => {
    const { session } = await opened(client)
    await session.mint()
    const ahead = 2 * 3_600_000
    const clock = { ...systemClock, now: () => Date.now() + ahead, shiftMs: () => ahead }
    const { url: baseUrl } = await stage.openAnother({ clock })
    const answer = await ask(session, { baseUrl })
    assert.equal(answer.status, 401)
    assert.deepEqual(answer.body, INVALID_B2B)
    assert.equal(readAs(client.name, 'check_status', answer).isAccepted, false)
    await session.mint({ baseUrl })
    await expectLetIn(session, { baseUrl })
    session.close()
  })

  test(`${client.name} is refused a customer's token in two members, and its old one lives on`, async () => {
    const { session, authCode } = await opened(client)
    await session.mint()
    await session.redeem(authCode)
    const refused = await session.redeem('2'.repeat(40))
    assert.equal(refused.status, 401)
    assert.deepEqual(refused.body, {
      responseCode: '4017400',
      responseMessage: 'Unauthorized. Invalid authCode',
    })
    assert.equal(readAs(client.name, 'token_b2b2c', refused).isAccepted, false)
    const answer = await session.call('refund', aRefund(client))
    assert.equal(answer.body?.responseCode, '4040701', answer.text)
    session.close()
  })

  test(`${client.name} shows a customer's token whose card is forgotten, and is told so in two members`, async () => {
    const { session, authCode, bankCardToken } = await opened(client)
    await session.mint()
    await session.redeem(authCode)
    await stage.query("update bindings set state = 'unbinding' where bank_card_token = $1", [bankCardToken])
    await stage.query("update card_tokens set state = 'unbinding' where bank_card_token = $1", [
      bankCardToken,
    ])
    const answer = await session.call('refund', aRefund(client))
    assert.equal(answer.status, 401)
    assert.deepEqual(answer.body, { responseCode: '4010702', responseMessage: 'Invalid Customer Token' })
    assert.equal(readAs(client.name, 'refund', answer).isAccepted, false)
    session.close()
  })
}

function aRefund(client: Client) {
  return bodyOf(client, 'refund', {
    channel: CHANNEL,
    originalPartnerReferenceNo: 'INV-NEVER',
    refundAmount: { value: '10000.00', currency: 'IDR' },
    partnerRefundNo: 'REF-1',
  })
}

test('python asks for both tokens with one signature before each call, and all of them are good', async () => {
  const { session, authCode } = await opened(python)
  for (let round = 0; round < 5; round++) {
    const at = Date.now()
    assert.equal((await session.mint({ at })).status, 200)
    assert.equal((await session.redeem(authCode, { at })).status, 200)
    const answer = await session.call('refund', aRefund(python), { at })
    assert.equal(answer.body?.responseCode, '4040701', answer.text)
  }
  session.close()
})

test('java dropped its customer token: the header without a value is no header', async () => {
  const { session } = await opened(java)
  await session.mint()
  const answer = await session.call('refund', aRefund(java), { customerToken: null })
  assert.equal(answer.body?.responseCode, '4040701', answer.text)
  session.close()
})

test('what go writes in front of a customer token is no part of it, in whatever case', async () => {
  const { session, authCode, bankCardToken } = await opened(go)
  await session.mint()
  await session.redeem(authCode)
  await stage.query("update bindings set state = 'unbinding' where bank_card_token = $1", [bankCardToken])
  await stage.query("update card_tokens set state = 'unbinding' where bank_card_token = $1", [bankCardToken])
  const lowerCased: Client = {
    ...go,
    headers: (call, parts) =>
      go.headers(call, parts).map(([name, value]) => [name, value.replace('Bearer', 'bearer')]),
  }
  // A token that is read is known for dead; one that is not read would mean nothing here.
  for (const client of [go, node, lowerCased]) {
    const other = new Session(client, stage.merchant)
    other.token = session.token
    const answer = await other.call('refund', aRefund(client), { customerToken: session.customerToken })
    assert.equal(answer.body?.responseCode, '4010702', answer.text)
    other.close()
  }
  session.close()
})

test('php signs the request for a customer token seven seconds in the past', async () => {
  const { session, authCode } = await opened(php)
  const at = Date.now()
  assert.match(php.timestamp(at, 'token_b2b2c'), /\+07:00$/)
  assert.equal(
    Date.parse(php.timestamp(at, 'token_b2b')) - Date.parse(php.timestamp(at, 'token_b2b2c')),
    7_000,
  )
  assert.equal((await session.redeem(authCode, { at })).status, 200)
  session.close()
})

for (const [kind, timestamp] of Object.entries<(at: number) => string>({
  'minus nought': (at) => node.timestamp(at, 'token_b2b'),
  'Jakarta time': (at) => php.timestamp(at, 'token_b2b'),
  'plus nought': (at) => go.timestamp(at, 'token_b2b'),
  'UTC by its letter': (at) => java.timestamp(at, 'token_b2b'),
}))
  test(`a time written with ${kind} is understood on every call`, async () => {
    const session = new Session({ ...node, timestamp }, stage.merchant)
    assert.equal((await session.mint()).status, 200)
    await expectLetIn(session)
    session.close()
  })

test('a clock in a zone of half an hour is written so that nobody can read it, and is refused by name', async () => {
  const session = new Session({ ...node, timestamp: () => '2026-05-26T10:00:00+5.5:30' }, stage.merchant)
  const { status, body } = await session.mint()
  assert.equal(status, 400)
  assert.deepEqual(body, { responseCode: '4007301', responseMessage: 'Invalid Field Format X-TIMESTAMP' })
  session.close()
})
