import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addDays } from './partitions.ts'

for (const [date, days, expected] of [
  ['2026-01-31', 1, '2026-02-01'],
  ['2024-02-28', 1, '2024-02-29'],
  ['2026-12-31', 1, '2027-01-01'],
  ['2026-03-01', -1, '2026-02-28'],
  ['2026-05-26', 0, '2026-05-26'],
  ['2026-05-26', 366, '2027-05-27'],
] as const)
  test(`${days} days from ${date} it is ${expected}`, () => {
    assert.equal(addDays(date, days), expected)
  })
