import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openBuckets, type Wish } from './bucket.ts'
import { openLimiter } from './limiter.ts'

test('a bucket gives what it holds, then what has come in since, and says when there is one more', () => {
  let now = 0
  const take = openBuckets(() => now)
  const wish = { key: 'a', perSecond: 2, size: 4, most: 3 }
  assert.deepEqual(take(wish), { tokens: 3, waitMs: 0 })
  assert.deepEqual(take(wish), { tokens: 1, waitMs: 0 })
  assert.deepEqual(take(wish), { tokens: 0, waitMs: 500 })
  now += 400
  assert.deepEqual(take(wish), { tokens: 0, waitMs: 100 })
  now += 100
  assert.deepEqual(take(wish), { tokens: 1, waitMs: 0 })
  now += 3_600_000
  assert.deepEqual(take({ ...wish, most: 9 }), { tokens: 4, waitMs: 0 }, 'no more than its size')
})

test('looking takes nothing', () => {
  const take = openBuckets(() => 0)
  const wish = { key: 'a', perSecond: 1, size: 1, most: 0 }
  assert.deepEqual(take(wish), { tokens: 0, waitMs: 0 })
  assert.deepEqual(take({ ...wish, most: 1 }), { tokens: 1, waitMs: 0 })
})

test('however requests fall to processes, no more pass than the burst, what has come in, and one loan for each process', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 50 }),
      fc.array(
        fc.record({ process: fc.integer({ min: 0, max: 3 }), afterMs: fc.integer({ min: 0, max: 400 }) }),
        {
          maxLength: 200,
        },
      ),
      async (perSecond, burst, requests) => {
        let now = 0
        const take = openBuckets(() => now)
        const lend = async (wish: Wish) => take(wish)
        const limiters = Array.from({ length: 4 }, () => openLimiter(lend, () => now))
        let passed = 0
        for (const { process, afterMs } of requests) {
          now += afterMs
          if ((await limiters[process]?.take('p', { perSecond, burst })) === undefined) passed++
        }
        const most = burst + (now / 1000) * perSecond
        assert.ok(passed <= Math.ceil(most), `${passed} of at most ${most}`)
      },
    ),
  )
})

test('who was refused is refused without a question until the time is there', async () => {
  let [now, asked] = [0, 0]
  const take = openBuckets(() => now)
  const limiter = openLimiter(
    (wish) => {
      asked++
      return take(wish)
    },
    () => now,
  )
  const ask = () => limiter.take('p', { perSecond: 1, burst: 1 })
  assert.equal(await ask(), undefined)
  assert.equal(await ask(), 1000)
  for (let n = 0; n < 100; n++) assert.equal(await ask(), 1000)
  assert.equal(asked, 2)
  now += 1000
  assert.equal(await ask(), undefined)
})
