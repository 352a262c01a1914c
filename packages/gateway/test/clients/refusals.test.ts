import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, aPayment, newId, now } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { bodyOf } from './bodies.ts'
import type { Call, Client } from './client.ts'
import { CLIENTS } from './clients.ts'
import { readAs } from './readers.ts'
import { type Changes, Session } from './session.ts'

let stage: Stage
let downUrl: string
before(async () => {
  stage = await openStage({ env: { GERBANG_NETWORK_TIMEOUT_MS: '500' } })
  const env = { DATABASE_URL: 'postgres://nobody:secret-word@127.0.0.1:1/none' }
  downUrl = (await stage.openAnother({}, env)).url
})
after(() => stage.close())

const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
const INTERNALS =
  /\bat |node_modules|\.ts\b|\.js\b|Error:|FST_|SyntaxError|stack|postgres|select |secret-word/

interface Asked {
  readonly session: Session
  readonly client: Client
  readonly status: (changes?: Changes, more?: object) => Promise<Answer>
}

interface Refused {
  readonly call: Call | 'token_b2b'
  readonly responseCode: string
  readonly ask: (asked: Asked) => Promise<Answer>
}

const refusedByNetwork = (otp: string) => (asked: Asked) =>
  asked.session.call('payment', aPayment({ otp }), { externalId: newId() })

/** The client with its own header of that name in other words. */
function withLine(client: Client, name: string, value: string): Client {
  return {
    ...client,
    headers: (call, parts) =>
      client.headers(call, parts).map((line) => (line[0].toLowerCase() === name ? [line[0], value] : line)),
  }
}

async function askAs(client: Client, { session }: Asked, body = bodyOf(client, 'check_status', wish)) {
  const other = new Session(client, stage.merchant)
  other.token = session.token
  return other.call('check_status', body).finally(() => other.close())
}

const wish = { channel: CHANNEL, originalPartnerReferenceNo: 'INV-NEVER' }

const REFUSED: Readonly<Record<string, Refused>> = {
  'a body cut in half': {
    call: 'check_status',
    responseCode: '4005500',
    ask: (asked) => askAs({ ...asked.client, sends: () => '{"serviceCode":', signs: (sent) => sent }, asked),
  },
  'a body that is too long': {
    call: 'check_status',
    responseCode: '4005500',
    ask: ({ status }) => status({}, { deviceId: 'd'.repeat(70_000) }),
  },
  'a member in another form': {
    call: 'check_status',
    responseCode: '4005501',
    ask: ({ status }) => status({}, { originalPartnerReferenceNo: 'é' }),
  },
  'a member that is missing': {
    call: 'check_status',
    responseCode: '4005502',
    ask: ({ status }) => status({}, { originalPartnerReferenceNo: '' }),
  },
  'a wrong signature': {
    call: 'check_status',
    responseCode: '4015500',
    ask: (asked) => askAs({ ...asked.client, signs: () => 'another' }, asked),
  },
  'a clock that is late': {
    call: 'check_status',
    responseCode: '4015500',
    ask: ({ status }) => status({ at: Date.now() - 3_600_000 }),
  },
  'no token of ours': {
    call: 'check_status',
    responseCode: '4015501',
    ask: ({ status }) => status({ token: 'x.y.z' }),
  },
  'an empty token': {
    call: 'check_status',
    responseCode: '4015503',
    ask: ({ status }) => status({ token: '' }),
  },
  'a partner that nobody knows': {
    call: 'check_status',
    responseCode: '4015500',
    ask: (asked) => askAs(withLine(asked.client, 'x-partner-id', 'BRN-0000-0'), asked),
  },
  'a wrong signature on a token request': {
    call: 'token_b2b',
    responseCode: '4017300',
    ask: ({ session }) => session.mint({ at: Date.parse(now(-900_000)) }),
  },
  'a payment that is not there': {
    call: 'check_status',
    responseCode: '4045501',
    ask: ({ status }) => status(),
  },
  'a path that nobody serves': {
    call: 'check_status',
    responseCode: '4050000',
    ask: ({ status }) => status({ path: '/virtual-accounts/bi-snap-va/v1.1/transfer-va/create-va' }),
  },
  'a broken database': {
    call: 'check_status',
    responseCode: '5005500',
    ask: ({ status }) => status({ baseUrl: downUrl }),
  },
  'a network that says 403': { call: 'payment', responseCode: '4035414', ask: refusedByNetwork('99940314') },
  'a network that says 404': { call: 'payment', responseCode: '4045411', ask: refusedByNetwork('99940411') },
  'a network that says 405': { call: 'payment', responseCode: '4055400', ask: refusedByNetwork('99940500') },
  'a network that says 409': { call: 'payment', responseCode: '4095400', ask: refusedByNetwork('99940900') },
  'a network that says 429': { call: 'payment', responseCode: '4295400', ask: refusedByNetwork('99942900') },
  'a network that says 500': { call: 'payment', responseCode: '5005401', ask: refusedByNetwork('99950001') },
}

for (const client of CLIENTS)
  for (const [kind, { call, responseCode, ask }] of Object.entries(REFUSED))
    test(`${client.name} can read what it is answered to ${kind}`, async () => {
      const session = new Session(client, stage.merchant)
      await session.mint()
      const status = (changes: Changes = {}, more: object = {}) =>
        session.call('check_status', bodyOf(client, 'check_status', { ...wish, ...more }), changes)
      const answer = await ask({ session, client, status })
      session.close()
      assert.equal(answer.body?.responseCode, responseCode, answer.text)
      assert.deepEqual(Object.keys(answer.body), ['responseCode', 'responseMessage'])
      assert.equal(String(answer.status), responseCode.slice(0, 3))
      assert.equal(answer.headers['content-type'], 'application/json')
      assert.doesNotMatch(answer.text, INTERNALS)
      assert.equal(readAs(client.name, call, answer).isAccepted, false)
    })

for (const client of CLIENTS)
  test(`${client.name} is understood whatever it calls the type of its body`, async () => {
    const session = new Session(client, stage.merchant)
    await session.mint()
    for (const type of [
      'text/plain',
      'application/json; charset=utf-8',
      'application/x-www-form-urlencoded',
    ]) {
      const answer = await askAs(withLine(client, 'content-type', type), { session, client, status: never })
      assert.equal(answer.body?.responseCode, '4045501', type)
    }
    session.close()
  })

function never(): never {
  throw new Error('not asked')
}
