import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/clock.ts'
import { askCustomerToken, redeem, refresh } from '../customer.ts'
import { anotherCard, keepCardOf } from '../kept-cards.ts'
import { type Merchant, now } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
let other: Merchant
before(async () => {
  stage = await openStage()
  other = await stage.addMerchant()
})
after(() => stage.close())

const DAY = 86_400_000
const WIB_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00$/
const INVALID_CODE = { responseCode: '4017400', responseMessage: 'Unauthorized. Invalid authCode' }
const INVALID_REFRESH = { responseCode: '4017400', responseMessage: 'Unauthorized. Invalid refreshToken' }
const INVALID_CUSTOMER = { responseCode: '4015402', responseMessage: 'Invalid Customer Token' }

function decode(part: string | undefined) {
  return JSON.parse(Buffer.from(part ?? '', 'base64url').toString())
}

async function issued(merchant = stage.merchant) {
  const kept = await keepCardOf(stage, { merchant, cardNumber: anotherCard() })
  const { status, body } = await redeem(merchant, kept.authCode)
  assert.equal(status, 200, JSON.stringify(body))
  return { ...kept, accessToken: String(body.accessToken), refreshToken: String(body.refreshToken) }
}

function payWith(token: string, merchant = stage.merchant, more = {}) {
  return merchant.pay({}, { headers: { 'Authorization-Customer': token }, ...more })
}

test('the reply has the members that client libraries know, and times of Jakarta', async () => {
  const { authCode } = await keepCardOf(stage, { cardNumber: anotherCard() })
  const { status, body } = await redeem(stage.merchant, authCode)
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(body), [
    'responseCode',
    'responseMessage',
    'accessToken',
    'tokenType',
    'accessTokenExpiryTime',
    'refreshToken',
    'refreshTokenExpiryTime',
  ])
  assert.deepEqual(
    [body.responseCode, body.responseMessage, body.tokenType],
    ['2007400', 'Successful', 'Bearer'],
  )
  for (const [text, days] of [
    [body.accessTokenExpiryTime, 15],
    [body.refreshTokenExpiryTime, 30],
  ]) {
    assert.match(text, WIB_TIME)
    assert.ok(Math.abs(Date.parse(text) - Date.now() - days * DAY) < 10_000)
  }
  assert.ok(body.refreshToken.length <= 512)
})

test('the access token is an RS256 JWT of four claims that the gateway’s public key verifies', async () => {
  const { accessToken, bankCardToken } = await issued()
  const [head, payload, signature] = accessToken.split('.')
  assert.deepEqual(decode(head), { alg: 'RS256' })
  const claims = decode(payload)
  assert.deepEqual(Object.keys(claims), ['exp', 'iss', 'clientId', 'accountId'])
  assert.equal(claims.clientId, stage.merchant.keys.partnerId)
  assert.match(claims.accountId, /^[0-9a-f]{32}$/)
  assert.notEqual(claims.accountId, bankCardToken)
  const publicKey = createPublicKey(await readFile(stage.env.GERBANG_SIGNING_KEY_FILE ?? ''))
  assert.ok(
    verify('sha256', Buffer.from(`${head}.${payload}`), publicKey, Buffer.from(signature ?? '', 'base64url')),
  )
})

test('an authCode serves as often as it is asked for, whatever else the body says', async () => {
  const { authCode } = await keepCardOf(stage, { cardNumber: anotherCard() })
  for (const more of [{}, { refreshToken: '' }, { additionalInfo: {} }, { additionalInfo: null }]) {
    const body = { grantType: 'AUTHORIZATION_CODE', authCode, ...more }
    assert.equal((await askCustomerToken(stage.merchant, body)).status, 200)
  }
})

test('a refresh token brings a new pair, again and again', async () => {
  const first = await issued()
  let { refreshToken } = first
  for (let round = 0; round < 3; round++) {
    const { status, body } = await refresh(stage.merchant, refreshToken)
    assert.equal(status, 200)
    assert.equal(
      decode(body.accessToken.split('.')[1]).accountId,
      decode(first.accessToken.split('.')[1]).accountId,
    )
    assert.equal((await payWith(body.accessToken)).status, 200)
    refreshToken = body.refreshToken
  }
})

test('two customers who bound the same card have tokens of the same account, and both end with the card', async () => {
  const cardNumber = anotherCard()
  const one = await keepCardOf(stage, { cardNumber, customer: 'ONE' })
  const two = await keepCardOf(stage, { cardNumber, customer: 'TWO' })
  assert.equal(one.bankCardToken, two.bankCardToken)
  assert.notEqual(one.authCode, two.authCode)
  const tokens = []
  for (const { authCode } of [one, two]) {
    const { body } = await redeem(stage.merchant, authCode)
    tokens.push(String(body.accessToken))
  }
  const accounts = new Set(tokens.map((token) => decode(token.split('.')[1]).accountId))
  assert.equal(accounts.size, 1)
  await unbindBehindItsBack(one.bankCardToken)
  for (const token of tokens) assert.deepEqual((await payWith(token)).body, INVALID_CUSTOMER)
  for (const { authCode } of [one, two])
    assert.deepEqual((await redeem(stage.merchant, authCode)).body, INVALID_CODE)
})

test('two partners who keep one card have accounts of their own', async () => {
  const cardNumber = anotherCard()
  const accounts = []
  for (const merchant of [stage.merchant, other]) {
    const { authCode } = await keepCardOf(stage, { merchant, cardNumber })
    const { body } = await redeem(merchant, authCode)
    accounts.push(decode(body.accessToken.split('.')[1]).accountId)
  }
  assert.notEqual(accounts[0], accounts[1])
})

for (const [kind, codeOf] of Object.entries({
  'that nobody has': async () => '2'.repeat(40),
  'of another partner': async () => (await keepCardOf(stage, { merchant: other })).authCode,
  'whose binding waits for its password': async () =>
    (await keepCardOf(stage, { state: 'otp_sent', customer: 'LATER', cardNumber: anotherCard() })).authCode,
}))
  test(`an authCode ${kind} is unauthorized`, async () => {
    const { status, body } = await redeem(stage.merchant, await codeOf())
    assert.equal(status, 401)
    assert.deepEqual(body, INVALID_CODE)
  })

async function unbindBehindItsBack(bankCardToken: string): Promise<void> {
  await stage.query(
    "update bindings set state = 'unbinding' where bank_card_token = $1 and state = 'active'",
    [bankCardToken],
  )
  await stage.query("update card_tokens set state = 'unbinding' where bank_card_token = $1", [bankCardToken])
}

test('everything dies in the moment in which the unbinding is asked for, and lives again if it fails', async () => {
  const { bankCardToken, authCode, accessToken, refreshToken } = await issued()
  assert.equal((await payWith(accessToken)).status, 200)
  await unbindBehindItsBack(bankCardToken)
  assert.deepEqual((await payWith(accessToken)).body, INVALID_CUSTOMER)
  assert.deepEqual((await redeem(stage.merchant, authCode)).body, INVALID_CODE)
  assert.deepEqual((await refresh(stage.merchant, refreshToken)).body, INVALID_REFRESH)

  await stage.query("update bindings set state = 'active' where bank_card_token = $1", [bankCardToken])
  await stage.query("update card_tokens set state = 'active' where bank_card_token = $1", [bankCardToken])
  assert.equal((await payWith(accessToken)).status, 200)
  assert.equal((await refresh(stage.merchant, refreshToken)).status, 200)
})

test('a refresh token is no access token, and an access token no refresh token', async () => {
  const { accessToken, refreshToken } = await issued()
  const { status, body } = await payWith(refreshToken)
  assert.equal(status, 401)
  assert.deepEqual(body, INVALID_CUSTOMER)
  assert.deepEqual((await refresh(stage.merchant, accessToken)).body, INVALID_REFRESH)
  assert.deepEqual((await refresh(stage.merchant, await stage.merchant.token())).body, INVALID_REFRESH)
})

test('neither passes for the token of the partner', async () => {
  const { accessToken, refreshToken } = await issued()
  for (const token of [accessToken, refreshToken]) {
    const { status, body } = await stage.merchant.pay({}, { token })
    assert.equal(status, 401)
    assert.deepEqual(body, { responseCode: '4015401', responseMessage: 'Invalid Token (B2B)' })
  }
})

test('tokens of another partner’s customer are refused', async () => {
  const foreign = await issued(other)
  assert.deepEqual((await payWith(foreign.accessToken)).body, INVALID_CUSTOMER)
  assert.deepEqual((await refresh(stage.merchant, foreign.refreshToken)).body, INVALID_REFRESH)
  assert.equal((await payWith(foreign.accessToken, other)).status, 200)
})

test('tokens that are tampered with are none of ours', async () => {
  const { accessToken, refreshToken } = await issued()
  const [head, payload, signature] = refreshToken.split('.')
  const claims = { ...decode(payload), exp: 9_999_999_999 }
  const forged = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
  for (const token of [forged, unsigned, `${refreshToken}x`, 'x', '..', '.'.repeat(40)])
    assert.deepEqual((await refresh(stage.merchant, token)).body, INVALID_REFRESH, token)
  // Not signed by us: it means nothing, as any word in that header.
  assert.equal((await payWith(`${accessToken.slice(0, -4)}AAAA`)).status, 200)
})

test('an access token ends after fifteen days and a refresh token after thirty', async () => {
  const { accessToken, refreshToken } = await issued()
  let ahead = 0
  const clock = { ...systemClock, now: () => Date.now() + ahead, shiftMs: () => ahead }
  const { url: baseUrl } = await stage.openAnother({ clock })
  const pay = async () => payWith(accessToken, stage.merchant, { baseUrl, token: await freshToken(baseUrl) })

  ahead = 15 * DAY - 10_000
  assert.equal((await pay()).status, 200)
  ahead = 15 * DAY + 60_000
  assert.deepEqual((await pay()).body, INVALID_CUSTOMER)
  ahead = 30 * DAY - 10_000
  assert.equal((await refresh(stage.merchant, refreshToken, { baseUrl })).status, 200)
  ahead = 30 * DAY + 60_000
  assert.deepEqual((await refresh(stage.merchant, refreshToken, { baseUrl })).body, INVALID_REFRESH)
})

async function freshToken(baseUrl: string): Promise<string> {
  return (await stage.merchant.askToken({ baseUrl })).body.accessToken
}

test('an authCode may have 256 characters: a long one that nobody has is unauthorized, a longer one is none', async () => {
  assert.deepEqual((await redeem(stage.merchant, '2'.repeat(256))).body, INVALID_CODE)
  assert.deepEqual((await redeem(stage.merchant, '2'.repeat(257))).body, {
    responseCode: '4007401',
    responseMessage: 'Invalid Field Format authCode',
  })
})

const BAD_BODIES: Readonly<Record<string, readonly [code: string, message: string]>> = {
  '{"grantType":"password"}': ['4007401', 'Invalid Field Format grantType'],
  '{}': ['4007402', 'Invalid Mandatory Field grantType'],
  '{"grantType":"authorization_code"}': ['4007402', 'Invalid Mandatory Field authCode'],
  '{"grantType":"authorization_code","authCode":"","refreshToken":"x"}': [
    '4007402',
    'Invalid Mandatory Field authCode',
  ],
  '{"grantType":"refresh_token","authCode":"x"}': ['4007402', 'Invalid Mandatory Field refreshToken'],
  '{"grantType":"refresh_token","refreshToken":7}': ['4007401', 'Invalid Field Format refreshToken'],
  '': ['4007400', 'Bad Request'],
}
for (const [body, [responseCode, responseMessage]] of Object.entries(BAD_BODIES))
  test(`the body ${body || '(none)'} is answered with ${responseCode} ${responseMessage}`, async () => {
    const answer = await askCustomerToken(stage.merchant, body)
    assert.equal(answer.status, 400)
    assert.deepEqual(answer.body, { responseCode, responseMessage })
  })

test('who asks is checked as for a partner’s token, before the code is looked at', async () => {
  const { authCode } = await keepCardOf(stage, { cardNumber: anotherCard() })
  for (const [question, message] of [
    [{ headers: { 'X-CLIENT-KEY': 'nobody' } }, 'Unauthorized. Unknown Client'],
    [{ headers: { 'X-SIGNATURE': 'AAAA' } }, 'Unauthorized. Invalid Signature'],
    [{ timestamp: now(-900_000) }, 'Unauthorized. Timestamp expired'],
  ] as const) {
    const { status, body } = await redeem(stage.merchant, authCode, question)
    assert.equal(status, 401)
    assert.deepEqual(body, { responseCode: '4017400', responseMessage: message })
  }
})

test('no token and no code reaches the log', async () => {
  const { accessToken, refreshToken, authCode, bankCardToken } = await issued()
  await payWith(accessToken)
  await refresh(stage.merchant, refreshToken)
  const log = stage.logged.join('')
  for (const secret of [accessToken, refreshToken, authCode, bankCardToken]) assert.ok(!log.includes(secret))
})
