import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatInstant, formatTimestamp, parseTimestamp, wibDate } from './timestamp.ts'

const LAST_SECOND_OF_9999 = 253_402_300_799_000

test('every accepted form names its instant', () => {
  const instant = Date.UTC(2026, 4, 26, 3, 0, 0)
  for (const text of [
    '2026-05-26T10:00:00+07:00',
    '2026-05-26T10:00:00+0700',
    '2026-05-26T03:00:00Z',
    '2026-05-26T03:00:00.000Z',
    '2026-05-26T03:00:00-00:00',
    '2026-05-25T23:30:00-03:30',
  ]) {
    assert.equal(parseTimestamp(text), instant, text)
  }
})

test('a fraction is cut to milliseconds', () => {
  assert.equal(parseTimestamp('1970-01-01T00:00:00.5Z'), 500)
  assert.equal(parseTimestamp('1970-01-01T00:00:00.0019999Z'), 1)
})

test('what is no such form, or no date, is refused', () => {
  for (const text of [
    '',
    '2026-05-26',
    '2026-05-26 10:00:00+07:00',
    '2026-05-26T10:00:00',
    '2026-05-26T10:00:00+7:00',
    '2026-05-26T10:00:00+5.5:30',
    '2026-05-26T10:00:00+15:00',
    '2026-05-26T10:00:00+07:60',
    '2026-05-26T10:00:00.Z',
    '2026-05-26T10:00:00.1234567890Z',
    '2026-05-26T24:00:00Z',
    '2026-05-26T10:60:00Z',
    '2026-05-26T10:00:60Z',
    '2026-02-30T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-00-01T10:00:00Z',
    '0026-01-01T10:00:00Z',
    '2026-05-26T10:00:00Z\n',
    '20260526T10:00:00.000Z',
  ]) {
    assert.equal(parseTimestamp(text), undefined, text)
  }
  assert.equal(typeof parseTimestamp('2024-02-29T00:00:00Z'), 'number')
})

test('an instant is written as JavaScript writes it', () => {
  fc.assert(
    fc.property(fc.integer({ min: -50_000_000, max: LAST_SECOND_OF_9999 }), (ms) => {
      assert.equal(formatInstant(ms), new Date(ms).toISOString())
    }),
    { numRuns: 1000 },
  )
})

test('every instant survives, to the second in our form and to the millisecond with a fraction', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: LAST_SECOND_OF_9999 - 50_000_000 }), (ms) => {
      assert.equal(parseTimestamp(formatTimestamp(ms)), ms - (ms % 1000))
      assert.equal(parseTimestamp(new Date(ms).toISOString()), ms)
    }),
  )
})

test('an offset is subtracted', () => {
  const pad = (part: number) => String(part).padStart(2, '0')
  fc.assert(
    fc.property(fc.integer({ min: -839, max: 839 }), (minutes) => {
      const size = Math.abs(minutes)
      const offset = `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
      assert.equal(
        parseTimestamp(`2026-05-26T10:00:00${offset}`),
        Date.UTC(2026, 4, 26, 10) - minutes * 60_000,
      )
    }),
  )
})

test('we write Jakarta time without a fraction, and its day begins at 17:00 UTC', () => {
  const instant = Date.UTC(2026, 4, 26, 17, 0, 0, 123)
  assert.equal(formatTimestamp(instant), '2026-05-27T00:00:00+07:00')
  assert.equal(wibDate(instant), '2026-05-27')
  assert.equal(wibDate(instant - 124), '2026-05-26')
})
