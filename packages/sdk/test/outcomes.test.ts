import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTCOMES, type OutcomeName, responseCode } from '@gerbang/snap/response-codes'
import type { RefusalContext } from '../src/errors.ts'
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
    for (const subject of ['payment', 'debit', 'refund'] as const) {
      const answered = { responseCode: responseCode('payment-host-to-host', name), responseMessage: '' }
      const error = refusalOf(answered, { subject, money: 'unknown' })
      assert.equal(error.retryable, false, name)
      if (subject !== 'refund') assert.doesNotMatch(error.customerMessage('en'), /try again/i)
    }
  }
  const limited = refusalOf({ responseCode: '4295400', responseMessage: '' }, {})
  const declined = refusalOf({ responseCode: '4035405', responseMessage: '' }, {})
  const question = refusalOf({ responseCode: '5005500', responseMessage: '' }, { subject: 'status' })
  assert.deepEqual([limited.retryable, declined.retryable, question.retryable], [true, false, true])
})

/** What is said of a refused cancellation, and when an earlier attempt may have called the payment off. */
const OF_CANCELLATIONS: readonly (readonly [OutcomeName, refused: RegExp, inDoubt: RegExp])[] = [
  [
    'doNotHonor',
    /^The payment was not called off: ask status/,
    /^Whether the payment was called off is not known/,
  ],
  ['generalError', /^Whether the payment was called off is not known/, /or repeat the call\.$/],
  ['invalidFieldFormat', /^Correct the named field and send it again\.$/, /called off is not known/],
  ['invalidTransactionStatus', /called off no more: ask status\(\).*refund\(\)/, /called off no more/],
  [
    'transactionNotFound',
    /^The gateway knows no such payment: check/,
    /^The gateway knows no such payment: check/,
  ],
  ['invalidAmount', /^Only all of a payment is called off/, /called off is not known/],
  ['inconsistentRequest', /originalReferenceNo\.$/, /called off is not known/],
  ['conflict', /called off already.*ask status/, /called off already.*ask status/],
]

test('a refused cancellation says whether the payment was called off, and nothing about what was paid', () => {
  const refused = (name: OutcomeName, context: RefusalContext) =>
    refusalOf({ responseCode: responseCode('cancel', name), responseMessage: '' }, context)
  for (const [name, definite, inDoubt] of OF_CANCELLATIONS) {
    assert.match(refused(name, { subject: 'cancellation' }).advice, definite)
    assert.match(refused(name, { subject: 'cancellation', money: 'unknown' }).advice, inDoubt)
  }
  for (const name of NAMES) {
    const { advice, money } = refused(name, { subject: 'cancellation' })
    assert.equal(money, 'unknown', name)
    assert.doesNotMatch(advice, /pay(ing)? again|money (has )?moved|No money|sent again with the same/, name)
  }
  const silence = { attempts: 1, subject: 'cancellation', cause: undefined } as const
  const sent = new sdk.NoAnswerError({ ...silence, money: 'unknown' })
  assert.deepEqual([sent.money, sent.retryable], ['unknown', true])
  assert.match(sent.advice, /^Whether the payment was called off is not known/)
  const unsent = new sdk.NoAnswerError({ ...silence, money: 'not-moved' })
  assert.deepEqual([unsent.money, unsent.retryable], ['unknown', true])
  assert.match(unsent.advice, /^The call was not sent/)
})

test('a payment from an account speaks of a code and a customer, and never of a card', () => {
  for (const name of NAMES) {
    const answered = { responseCode: responseCode('payment-host-to-host', name), responseMessage: '' }
    const { advice } = refusalOf(answered, { subject: 'debit' })
    if (/otp/i.test(name)) assert.doesNotMatch(advice, /token|cardholder|issuer|resendOtp/, name)
  }
  const blocked = (subject: 'debit' | 'account') =>
    refusalOf({ responseCode: '4030411', responseMessage: '' }, { subject }).advice
  assert.match(blocked('debit'), /the payment has ended/)
  assert.match(blocked('account'), /unbindAccount\(\) may be called again at once/)
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
