import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatClock, formatMoment, formatRupiah } from './format.ts'

const AT = Date.parse('2026-05-26T10:07:05+07:00')

test('rupiah have no sen unless there are any, and a space that does not break', () => {
  assert.equal(formatRupiah('150000.00', 'id'), 'Rp\u00a0150.000')
  assert.equal(formatRupiah('150000.00', 'en'), 'Rp\u00a0150,000')
  assert.equal(formatRupiah('1500000.75', 'id'), 'Rp\u00a01.500.000,75')
  assert.equal(formatRupiah('1500000.75', 'en'), 'Rp\u00a01,500,000.75')
})

test('the largest amount loses nothing', () => {
  assert.equal(formatRupiah('9999999999999999.99', 'id'), 'Rp\u00a09.999.999.999.999.999,99')
})

test('what is no amount is refused instead of shown', () => {
  for (const text of ['', '-1.00', '1e3', '1,000', 'NaN', '0x10']) {
    assert.throws(() => formatRupiah(text, 'id'), RangeError, text)
  }
})

test('the time of day is written as each language writes it, with the zone by its Indonesian name', () => {
  assert.equal(formatClock(AT, 'id'), '10.07 WIB')
  assert.equal(formatClock(AT, 'en'), '10:07 WIB')
  assert.equal(formatClock(AT, 'id', 'WITA'), '11.07 WITA')
  assert.equal(formatClock(AT, 'en', 'WIT'), '12:07 WIT')
  assert.equal(formatClock(Date.parse('2026-05-26T00:00:00+07:00'), 'en'), '00:00 WIB')
})

test('a receipt carries the whole moment', () => {
  assert.equal(formatMoment(AT, 'id'), '26 Mei 2026 pukul 10.07.05 WIB')
  assert.equal(formatMoment(AT, 'en'), '26 May 2026, 10:07:05 WIB')
  assert.equal(formatMoment(AT, 'id', 'WIT'), '26 Mei 2026 pukul 12.07.05 WIT')
})
