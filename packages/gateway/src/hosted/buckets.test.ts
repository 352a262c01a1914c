import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBuckets } from './buckets.ts'

test('a key gets what its bucket holds, and then what drips into it', () => {
  const take = openBuckets({ size: 3, perSecond: 2, keys: 10 })
  assert.deepEqual([take('a', 0), take('a', 0), take('a', 0), take('a', 0)], [true, true, true, false])
  assert.deepEqual([take('a', 499), take('a', 500), take('a', 501)], [false, true, false])
  assert.deepEqual([take('a', 60_000), take('b', 60_000)], [true, true])
})

test('asking in vain does not keep a key waiting longer', () => {
  const take = openBuckets({ size: 1, perSecond: 1, keys: 10 })
  assert.equal(take('a', 0), true)
  for (let now = 100; now < 1000; now += 100) assert.equal(take('a', now), false)
  assert.equal(take('a', 1001), true)
})

test('a clock that is put back neither fills nor empties a bucket', () => {
  const take = openBuckets({ size: 1, perSecond: 1, keys: 10 })
  assert.equal(take('a', 10_000), true)
  assert.equal(take('a', 0), false)
})

test('no more keys are remembered than there is room for, the oldest being forgotten', () => {
  const take = openBuckets({ size: 1, perSecond: 0.001, keys: 2 })
  assert.deepEqual([take('a', 0), take('b', 0), take('c', 0)], [true, true, true])
  assert.deepEqual([take('c', 0), take('b', 0), take('a', 0)], [false, false, true])
})
