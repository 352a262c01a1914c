import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/clock.ts'
import { type Answer, aPayment, type CallChanges, newId, now, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
let usedId: string
let foreignToken: string
let expiredToken: string
before(async () => {
  stage = await openStage()
  usedId = newId()
  assert.equal((await stage.merchant.pay({}, { externalId: usedId })).status, 200)
  foreignToken = await (await stage.addMerchant()).token()
  const past = { ...systemClock, now: () => Date.now() - 1_000_000 }
  const { url } = await stage.openAnother({ clock: past })
  const answer = await stage.merchant.askToken({ baseUrl: url, timestamp: now(-1_000_000) })
  expiredToken = answer.body.accessToken
})
after(() => stage.close())

interface Attempt extends CallChanges {
  readonly body?: object | string
}

interface Fault {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly spoil: (attempt: Attempt) => Attempt
}

const withHeaders = (headers: CallChanges['headers']) => (attempt: Attempt) => ({
  ...attempt,
  headers: { ...headers, ...attempt.headers },
})

/** Each fault by itself, in the order in which they are looked for. */
const FAULTS: readonly Fault[] = [
  {
    name: 'a header is missing',
    code: '4005402',
    message: 'Invalid Mandatory Field X-EXTERNAL-ID',
    spoil: (attempt) => ({ ...attempt, headers: { ...attempt.headers, 'X-EXTERNAL-ID': undefined } }),
  },
  {
    name: 'a header has a wrong form',
    code: '4005401',
    message: 'Invalid Field Format X-TIMESTAMP',
    spoil: (attempt) => ({ ...attempt, timestamp: 'soon' }),
  },
  {
    name: 'the client is unknown',
    code: '4015400',
    message: 'Unauthorized. Unknown Client',
    spoil: withHeaders({ 'X-PARTNER-ID': 'BRN-0000-0000000000000' }),
  },
  {
    name: 'the token is missing',
    code: '4015403',
    message: 'Token Not Found (B2B)',
    spoil: withHeaders({ Authorization: 'Bearer ' }),
  },
  {
    name: 'the token is no token',
    code: '4015401',
    message: 'Invalid Token (B2B)',
    spoil: withHeaders({ Authorization: 'Bearer abc.def.ghi' }),
  },
  {
    name: 'the token is another partner’s',
    code: '4015401',
    message: 'Invalid Token (B2B)',
    spoil: (attempt) => ({ token: foreignToken, ...attempt }),
  },
  {
    name: 'the token has expired',
    code: '4015401',
    message: 'Invalid Token (B2B)',
    spoil: (attempt) => ({ token: expiredToken, ...attempt }),
  },
  {
    name: 'the signature is wrong',
    code: '4015400',
    message: 'Unauthorized. Invalid Signature',
    spoil: withHeaders({ 'X-SIGNATURE': Buffer.alloc(64).toString('base64') }),
  },
  {
    name: 'the timestamp is stale',
    code: '4015400',
    message: 'Unauthorized. Timestamp expired',
    spoil: (attempt) => ({ timestamp: now(-960_000), ...attempt }),
  },
  {
    name: 'the timestamp is of the future',
    code: '4015400',
    message: 'Unauthorized. Timestamp expired',
    spoil: (attempt) => ({ timestamp: now(960_000), ...attempt }),
  },
  {
    name: 'the external id is used',
    code: '4095400',
    message: 'Conflict',
    spoil: (attempt) => ({ externalId: usedId, ...attempt }),
  },
  {
    name: 'the body is not JSON',
    code: '4005400',
    message: 'Bad Request',
    spoil: (attempt) => ({ body: '{"amount"', ...attempt }),
  },
  {
    name: 'a member is missing',
    code: '4005402',
    message: 'Invalid Mandatory Field amount',
    spoil: (attempt) => ({ body: { ...aPayment(), amount: undefined }, ...attempt }),
  },
  {
    name: 'a member has a wrong form',
    code: '4005401',
    message: 'Invalid Field Format otp',
    spoil: (attempt) => ({ body: aPayment({ otp: '1234' }), ...attempt }),
  },
  {
    name: 'the card is missing, which the variant wants',
    code: '4005402',
    message: 'Invalid Mandatory Field chargeToken',
    spoil: (attempt) => ({ body: aPayment({ chargeToken: '' }), ...attempt }),
  },
  {
    name: 'the amount is nought',
    code: '4045413',
    message: 'Invalid Amount',
    spoil: (attempt) => ({ body: aPayment({ amount: { value: '0.00', currency: 'IDR' } }), ...attempt }),
  },
]

async function answerTo(attempt: Attempt): Promise<Answer> {
  const { body = aPayment(), ...changes } = attempt
  return stage.merchant.call(PAYMENT_PATH, body, changes)
}

async function expectFault(answer: Answer, fault: Fault, where: string): Promise<void> {
  assert.deepEqual(answer.body, { responseCode: fault.code, responseMessage: fault.message }, where)
  assert.equal(answer.status, Number(fault.code.slice(0, 3)), where)
}

for (const fault of FAULTS)
  test(`when ${fault.name}, the answer is ${fault.code} ${fault.message}`, async () => {
    await expectFault(await answerTo(fault.spoil({})), fault, fault.name)
  })

test('of two faults the one that is looked for first is told, whatever the pair', async () => {
  for (const [index, first] of FAULTS.entries())
    for (const second of FAULTS.slice(index + 1)) {
      // What the first one spoils, the second one must leave alone.
      const attempt = second.spoil(first.spoil({}))
      await expectFault(await answerTo(attempt), first, `${first.name}, and ${second.name}`)
    }
})

test('what was refused before the claim has left no row', async () => {
  const [count] = await stage.query<{ payments: string; ids: string; events: string }>(
    `select (select count(*) from payments) payments, (select count(*) from request_ids) ids,
            (select count(*) from outbox) events`,
  )
  assert.deepEqual(count, { payments: '1', ids: '1', events: '1' })
})

test('every missing header is named, the first of several too', async () => {
  for (const name of ['X-PARTNER-ID', 'X-TIMESTAMP', 'X-SIGNATURE', 'X-EXTERNAL-ID']) {
    for (const value of [undefined, '', ' ']) {
      const { body } = await answerTo({ headers: { 'X-EXTERNAL-ID': undefined, [name]: value } })
      assert.deepEqual(body, { responseCode: '4005402', responseMessage: `Invalid Mandatory Field ${name}` })
    }
  }
})

test('a token is taken with and without Bearer, in any case', async () => {
  const token = await stage.merchant.token()
  for (const Authorization of [token, `bearer ${token}`, `BEARER  ${token}`])
    assert.equal((await answerTo({ headers: { Authorization } })).status, 200)
})

test('a customer token of ours must belong to the partner, and anybody else’s means nothing', async () => {
  const own = await stage.merchant.token()
  for (const token of [own, `Bearer ${own}`, 'fa8sjjEj813Y9JGoqwOeOPWbnt4CUpvIJbU1mMU4a11MNDZ7Sg5u9a', ''])
    assert.equal((await answerTo({ headers: { 'Authorization-Customer': token } })).status, 200)
  const { status, body } = await answerTo({ headers: { 'Authorization-Customer': foreignToken } })
  assert.equal(status, 401)
  assert.deepEqual(body, { responseCode: '4015402', responseMessage: 'Invalid Customer Token' })
})
