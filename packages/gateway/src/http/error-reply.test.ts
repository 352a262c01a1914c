import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SnapError } from '@gerbang/snap'
import { DatabaseBusy, DatabaseSilent } from '../database/lane.ts'
import { errorReply } from './error-reply.ts'

const words = (error: unknown) => JSON.parse(errorReply(error, 'payment-host-to-host').text)

test('a refusal of SNAP is told with its detail', () => {
  const error = new SnapError('invalidFieldFormat', { detail: 'amount.value' })
  assert.deepEqual(words(error), {
    responseCode: '4005401',
    responseMessage: 'Invalid Field Format amount.value',
  })
  assert.equal(errorReply(error, 'status').status, 400)
})

const FAULTS: readonly (readonly [kind: string, error: unknown, code: string])[] = [
  ['a busy database', new DatabaseBusy('queue 2000'), '4295400'],
  ['a silent database', new DatabaseSilent('socket 10.0.0.1'), '5005401'],
  ['an error of ours', new TypeError('cannot read 9360000200000200001'), '5005400'],
  ['a thrown word', 'secret-word', '5005400'],
  ['nothing at all', undefined, '5005400'],
]
for (const [kind, error, code] of FAULTS)
  test(`${kind} is told as ${code} without a word of its message`, () => {
    const reply = errorReply(error, 'payment-host-to-host')
    assert.equal(JSON.parse(reply.text).responseCode, code)
    assert.deepEqual(Object.keys(JSON.parse(reply.text)), ['responseCode', 'responseMessage'])
    assert.doesNotMatch(reply.text, /queue|10\.0|9360|secret-word|TypeError/)
  })

test('what the caller sent that cannot be a request is a bad request and no fault of ours', () => {
  for (const code of ['FST_ERR_CTP_BODY_TOO_LARGE', 'FST_ERR_BAD_URL']) {
    const reply = errorReply(Object.assign(new Error('x'), { code }), 'unknown')
    assert.deepEqual([reply.status, reply.fault], [400, undefined])
  }
})
