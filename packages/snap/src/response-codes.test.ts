import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Operation,
  OUTCOMES,
  type OutcomeName,
  outcomeByCase,
  type Profile,
  responseCode,
  responseMessage,
  SERVICE_CODES,
} from './response-codes.ts'
import { SnapError } from './snap-error.ts'

const outcomeNames = Object.keys(OUTCOMES) as OutcomeName[]
const operations = Object.keys(SERVICE_CODES) as Operation[]

test('the catalogue holds the 63 cases of SNAP and two of DOKU', () => {
  assert.equal(outcomeNames.length, 65)
})

test('every operation and outcome make seven digits, in both profiles, and none twice', () => {
  for (const profile of ['doku', 'snap'] satisfies Profile[]) {
    for (const operation of operations) {
      const codes = outcomeNames.map((name) => responseCode(operation, name, profile))
      for (const code of codes) assert.match(code, /^[2-5]\d{6}$/)
      assert.equal(new Set(codes).size, codes.length, `${operation} in ${profile}`)
    }
  }
})

test('well-known codes come out as documented', () => {
  assert.equal(responseCode('payment-host-to-host', 'successful'), '2005400')
  assert.equal(responseCode('payment-host-to-host', 'insufficientFunds'), '4035414')
  assert.equal(responseCode('access-token-b2b', 'unauthorized'), '4017300')
  assert.equal(responseCode('status', 'transactionNotFound'), '4045501')
  assert.equal(responseCode('unknown', 'requestedFunctionIsNotSupported'), '4050000')
})

test('the profiles differ in refund and account unbinding only', () => {
  const differing = operations.filter((operation) => {
    return responseCode(operation, 'successful', 'doku') !== responseCode(operation, 'successful', 'snap')
  })
  assert.deepEqual(differing, ['registration-account-unbinding', 'refund'])
  assert.equal(responseCode('refund', 'successful', 'doku'), '2000700')
  assert.equal(responseCode('refund', 'successful', 'snap'), '2005800')
})

test('only success says that the money moved, and only doubt says unknown', () => {
  const having = (money: string) => outcomeNames.filter((name) => OUTCOMES[name].money === money)
  assert.deepEqual(having('moved'), ['successful', 'transactionAlreadySuccess'])
  assert.deepEqual(having('unknown'), [
    'requestInProgress',
    'conflict',
    'duplicatePartnerReferenceNo',
    'generalError',
    'internalServerError',
    'externalServerError',
    'timeout',
  ])
})

test('the detail stands where the placeholder stood', () => {
  assert.equal(responseMessage('invalidFieldFormat', 'amount.value'), 'Invalid Field Format amount.value')
  assert.equal(responseMessage('unauthorized', 'Invalid Signature'), 'Unauthorized. Invalid Signature')
  assert.equal(
    responseMessage('transactionNotPermitted', 'Card type'),
    'Transaction Not Permitted. Card type',
  )
  assert.equal(responseMessage('invalidCard', 'Bound'), 'Invalid Card/Account/Customer Bound/Virtual Account')
  assert.equal(responseMessage('invalidFieldFormat', '$&'), 'Invalid Field Format $&')
})

test('without a detail nothing of the placeholder is left', () => {
  assert.equal(responseMessage('unauthorized'), 'Unauthorized')
  assert.equal(responseMessage('transactionNotPermitted', ''), 'Transaction Not Permitted')
  assert.equal(responseMessage('invalidTokenB2b'), 'Invalid Token (B2B)')
  for (const name of outcomeNames) assert.doesNotMatch(responseMessage(name), /[[\]{}]|[ .]$/)
})

test('a row without a placeholder ignores the detail, and no message exceeds 150 characters', () => {
  assert.equal(responseMessage('conflict', 'anything'), 'Conflict')
  assert.equal(responseMessage('unauthorized', 'x'.repeat(300)).length, 150)
})

test("SNAP's own spelling is kept", () => {
  assert.equal(responseMessage('otpSentToCardholder'), 'OTP Sent To Cardholer')
  assert.equal(responseMessage('requestedOperationIsNotAllowed'), 'Requested Opearation Is Not Allowed')
})

test('status and case lead back to the outcome', () => {
  assert.equal(outcomeByCase('40314'), 'insufficientFunds')
  assert.equal(outcomeByCase('40399'), undefined)
  assert.equal(outcomeByCase('toString'), undefined)
  for (const name of outcomeNames) {
    assert.equal(outcomeByCase(`${OUTCOMES[name].status}${OUTCOMES[name].caseCode}`), name)
  }
})

test('a SnapError carries outcome, detail and cause and speaks the wording', () => {
  const cause = new Error('below')
  const error = new SnapError('invalidMandatoryField', { detail: 'otp', cause })
  assert.equal(error.outcome, 'invalidMandatoryField')
  assert.equal(error.detail, 'otp')
  assert.equal(error.cause, cause)
  assert.equal(error.message, 'Invalid Mandatory Field otp')
  assert.equal(error.name, 'SnapError')
})
