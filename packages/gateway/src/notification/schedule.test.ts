import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextAttemptAt } from './schedule.ts'

const OFFSETS = [30, 360, 720]

for (const [attempts, lastAt, expected, words] of [
  [1, 0, 30, 'half an hour after the first'],
  [2, 30, 360, 'six hours after the first'],
  [3, 360, 720, 'twelve hours after the first'],
  [4, 720, undefined, 'not at all'],
  [2, 800, 830, 'half an hour later when the time is over already'],
  [3, 719, 749, 'half an hour later when the time is almost over'],
] as const)
  test(`after ${attempts} attempts, the last at ${lastAt}, it is tried ${words}`, () => {
    assert.equal(nextAttemptAt(OFFSETS, { attempts, firstAt: 0, lastAt }), expected)
  })

test('without a schedule nothing is tried twice', () => {
  assert.equal(nextAttemptAt([], { attempts: 1, firstAt: 0, lastAt: 0 }), undefined)
})
