import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call, Client, TokenCall } from './client.ts'
import { CLIENTS } from './clients.ts'
import { readAs, Unreadable } from './readers.ts'

type Name = Client['name']

interface Said {
  readonly call: Call | TokenCall
  readonly text: string
  readonly status?: number
  /** Which libraries fall over it, or lose what was said. */
  readonly breaks: readonly Name[]
}

const ALL: readonly Name[] = ['node', 'php', 'go', 'java', 'python']
const TOKEN = {
  responseCode: '2007300',
  responseMessage: 'Successful',
  accessToken: 'a.b.c',
  tokenType: 'Bearer',
}
const CUSTOMER = { ...TOKEN, responseCode: '2007400', accessTokenExpiryTime: '2026-06-10T10:00:00+07:00' }
const OK = { responseCode: '2005400', responseMessage: 'Successful' }

const say = (call: Said['call'], body: object, breaks: readonly Name[]): Said => ({
  call,
  text: JSON.stringify(body),
  breaks,
})

const SAID: Readonly<Record<string, Said>> = {
  'a whole token': say('token_b2b', { ...TOKEN, expiresIn: 900, additionalInfo: '' }, []),
  'a token whose life is a text': say('token_b2b', { ...TOKEN, expiresIn: '900' }, ['go', 'python']),
  'a token without a life': say('token_b2b', TOKEN, ['node', 'python']),
  'a token of digits': say('token_b2b', { ...TOKEN, accessToken: '123', expiresIn: 900 }, ['node']),
  'an object beside a token': say('token_b2b', { ...TOKEN, expiresIn: 900, additionalInfo: {} }, [
    'php',
    'go',
    'java',
  ]),
  'one member more beside a token': say('token_b2b', { ...TOKEN, expiresIn: 900, requestId: 'x' }, [
    'python',
  ]),
  'a whole token of a customer': say('token_b2b2c', CUSTOMER, []),
  'a customer token of another code': say('token_b2b2c', { ...CUSTOMER, responseCode: '2007300' }, [
    'python',
  ]),
  'a customer token whose end is not said': say(
    'token_b2b2c',
    { ...CUSTOMER, accessTokenExpiryTime: undefined },
    ['php', 'python'],
  ),
  'one member more beside a payment': say('payment', { ...OK, webRedirectUrl: '', traceId: 'x' }, ['python']),
  'additionalInfo beside a forgotten card': say('card_unbinding', { ...OK, additionalInfo: {} }, ['python']),
  'a request id in another case': say('check_status', { ...OK, requestId: 'x' }, ['python']),
  'an amount that is a number': say('refund', { ...OK, refundAmount: { value: 1.5, currency: 'IDR' } }, [
    'go',
  ]),
  'no list of balances': say('balance_inquiry', OK, ['php']),
  'a refund in the history that lacks a member': say(
    'check_status',
    { ...OK, refundHistory: [{ refundNo: '1' }] },
    ['php'],
  ),
  'a code that is a number': say('payment', { ...OK, responseCode: 2005400 }, ALL),
  'a code of two digits': say('payment', { ...OK, responseCode: '20' }, ALL),
  nothing: { call: 'payment', text: '', breaks: ALL },
  'a page of a proxy': { call: 'payment', text: '<html>502 Bad Gateway</html>', status: 502, breaks: ALL },
  'a list': { call: 'payment', text: '[]', breaks: ALL },
}

for (const [kind, { call, text, status = 200, breaks }] of Object.entries(SAID))
  test(`${kind}: ${breaks.length === 0 ? 'every library can read it' : `${breaks.join(', ')} cannot read it`}`, () => {
    const broken = CLIENTS.map(({ name }) => name).filter((name) => {
      try {
        readAs(name, call, { status, headers: {}, text, body: undefined })
        return false
      } catch (error) {
        assert.ok(error instanceof Unreadable)
        return true
      }
    })
    assert.deepEqual(broken.sort(), [...breaks].sort())
  })

test('node goes by the HTTP status, the others by the first digits of the code', () => {
  const text = JSON.stringify(OK)
  const accepted = CLIENTS.filter(
    ({ name }) => readAs(name, 'payment', { status: 409, headers: {}, text, body: undefined }).isAccepted,
  )
  assert.deepEqual(accepted.map(({ name }) => name).sort(), ['go', 'java', 'php', 'python'])
})

test('php reads members of an accepted answer without looking whether they are there', () => {
  const said = { status: 200, headers: {}, text: JSON.stringify(OK), body: undefined }
  assert.deepEqual(readAs('php', 'payment', said).missed, ['webRedirectUrl'])
  assert.equal(readAs('php', 'account_binding', said).missed.length, 3)
  assert.deepEqual(readAs('go', 'payment', said).missed, [])
})
