import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatAmount, parseAmount } from './amount.ts'

test('two decimals are minor units', () => {
  assert.equal(parseAmount('10000.00'), 1_000_000n)
  assert.equal(parseAmount('0.01'), 1n)
  assert.equal(parseAmount('9999999999999999.99'), 999_999_999_999_999_999n)
})

test('any other spelling of an amount, and nought, is refused', () => {
  const refused = [
    '',
    '0.00',
    '10000',
    '10000.0',
    '10000.000',
    '10,000.00',
    '-1.00',
    '+1.00',
    ' 1.00',
    '1.00\n',
    '.00',
  ]
  for (const value of [...refused, '1e3.00', '١.٠٠', '12345678901234567.00']) {
    assert.equal(parseAmount(value), undefined, JSON.stringify(value))
  }
})

test('every amount survives formatting and parsing', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 999_999_999_999_999_999n }), (minor) => {
      assert.equal(parseAmount(formatAmount(minor)), minor)
    }),
  )
})

test('less than one rupiah keeps its leading nought, less than nothing is an error', () => {
  assert.equal(formatAmount(7n), '0.07')
  assert.equal(formatAmount(0n), '0.00')
  assert.throws(() => formatAmount(-1n), RangeError)
})
