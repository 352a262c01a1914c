import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

test('a signed payment moves the money, is in both books once and is answered with 2005400', async () => {
  const body = aPayment()
  const answer = await stage.merchant.call(PAYMENT_PATH, body)
  assert.equal(answer.status, 200)
  assert.deepEqual(Object.keys(answer.body), [
    'responseCode',
    'responseMessage',
    'referenceNo',
    'partnerReferenceNo',
  ])
  assert.equal(answer.body.responseCode, '2005400')
  const [row] = await stage.query<{ state: string }>('select state from payments where reference_no = $1', [
    answer.body.referenceNo,
  ])
  assert.equal(row?.state, 'paid')
})

test('the same request twice charges once and answers twice', async () => {
  const body = aPayment()
  const externalId = newId()
  const first = await stage.merchant.call(PAYMENT_PATH, body, { externalId })
  const second = await stage.merchant.call(PAYMENT_PATH, body, { externalId })
  assert.equal(second.status, 409)
  assert.equal(second.text, first.text)
})
