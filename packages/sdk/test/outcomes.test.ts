import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTCOMES, type OutcomeName, responseCode } from '@gerbang/snap/response-codes'
import * as sdk from '../src/index.ts'
import { OUTCOME_TABLE, SHOP_AT_FAULT } from '../src/outcome-table.ts'
import { REFUSALS, refusalOf } from '../src/refusals.ts'
import { type answer, clientOf, ORDER, openStandIn, snap } from './gateway-stand-in.ts'

const NAMES = Object.keys(OUTCOMES) as OutcomeName[]

test('every one of the 65 outcomes has a row, and every row an outcome', () => {
  assert.equal(NAMES.length, 65)
  assert.deepEqual(Object.keys(OUTCOME_TABLE).sort(), [...NAMES].sort())
})

test('every outcome becomes the class of its row, with code, money, advice and a sentence in two languages', () => {
  for (const name of NAMES) {
    const code = responseCode('payment-host-to-host', name)
    const { kind } = OUTCOME_TABLE[name]
    const error = refusalOf({ responseCode: code, responseMessage: 'Words' }, {})
    assert.ok(error instanceof REFUSALS[kind] && error instanceof sdk.RefusedError, name)
    assert.deepEqual([error.name, error.outcome, error.responseCode], [kind, name, code])
    assert.equal(error.money, OUTCOMES[name].money)
    assert.ok(error.advice.length > 10, name)
    assert.ok(error.customerMessage('id') !== '' && error.customerMessage('en') !== '', name)
    assert.notEqual(error.customerMessage('id'), error.customerMessage('en'))
    assert.ok(!/[{}]/.test(error.customerMessage('id')), name)
  }
})

test('every class is exported under its own name', () => {
  for (const [name, refusal] of Object.entries(REFUSALS)) assert.equal(Reflect.get(sdk, name), refusal)
})

test('a payment that may have moved money is never called repeatable, and nobody is asked to pay again', () => {
  for (const name of NAMES) {
    for (const subject of ['payment', 'refund'] as const) {
      const answered = { responseCode: responseCode('payment-host-to-host', name), responseMessage: '' }
      const error = refusalOf(answered, { subject, money: 'unknown' })
      assert.equal(error.retryable, false, name)
      if (subject === 'payment') assert.doesNotMatch(error.customerMessage('en'), /try again/i)
    }
  }
  const limited = refusalOf({ responseCode: '4295400', responseMessage: '' }, {})
  const declined = refusalOf({ responseCode: '4035405', responseMessage: '' }, {})
  const question = refusalOf({ responseCode: '5005500', responseMessage: '' }, { subject: 'status' })
  assert.deepEqual([limited.retryable, declined.retryable, question.retryable], [true, false, true])
})

test("the customer never reads what is the shop's business", () => {
  for (const code of ['4015400', '4005401', '4045408', '4035499']) {
    const error = refusalOf({ responseCode: code, responseMessage: 'secret words' }, { money: 'not-moved' })
    assert.equal(error.customerMessage('id'), SHOP_AT_FAULT.id)
    assert.equal(error.customerMessage('en'), SHOP_AT_FAULT.en)
  }
})

test('what an answer says more than its code is in the error', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway, { retries: 0 })
  const caught = async (reply: ReturnType<typeof answer>): Promise<unknown> => {
    gateway.answers = [reply]
    return client.pay(ORDER).catch((error: unknown) => error)
  }
  const said = (code: string, words: string) => ({
    status: Number(code.slice(0, 3)),
    body: snap(code, words),
  })

  const field = await caught(said('4005402', 'Invalid Mandatory Field additionalInfo.channel'))
  assert.ok(field instanceof sdk.InvalidFieldError)
  assert.equal(field.field, 'additionalInfo.channel')
  const signature = await caught(said('4015400', 'Unauthorized. Invalid Signature'))
  assert.ok(signature instanceof sdk.SignatureError && signature instanceof sdk.AuthError)
  assert.equal(signature.reason, 'Invalid Signature')
  const stranger = await caught(said('4015400', 'Unauthorized. Unknown Client'))
  assert.ok(stranger instanceof sdk.AuthError && !(stranger instanceof sdk.SignatureError))
  const busy = await caught({ status: 429, body: snap('4295400'), headers: { 'retry-after': '7' } })
  assert.ok(busy instanceof sdk.RateLimitError)
  assert.deepEqual([busy.retryAfterMs, busy.retryable], [7000, true])
})
