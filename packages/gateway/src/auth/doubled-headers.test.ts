import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SnapError } from '@gerbang/snap'
import { refuseDoubledHeaders } from './doubled-headers.ts'

test('headers that are said once pass, and so do doubled ones that mean nothing here', () => {
  refuseDoubledHeaders(['X-TIMESTAMP', 'a', 'X-SIGNATURE', 'b', 'Cookie', 'x', 'Cookie', 'y'])
})

test('a header of SNAP that is said twice is named by its own spelling', () => {
  assert.throws(
    () => refuseDoubledHeaders(['x-timestamp', 'a', 'Host', 'h', 'X-Timestamp', 'a']),
    (error: unknown) =>
      error instanceof SnapError && error.outcome === 'invalidFieldFormat' && error.detail === 'X-TIMESTAMP',
  )
})
