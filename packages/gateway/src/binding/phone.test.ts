import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPhone, maskPhone, normalisePhone } from './phone.ts'

test('a number is one number in every notation', () => {
  for (const written of ['081112345634', '+6281112345634', '6281112345634'])
    assert.equal(normalisePhone(written), '6281112345634')
})

test('a masked number tells its owner enough', () => {
  assert.equal(maskPhone('6281112345634'), '+62 811-••••-••34')
})

test('what is no Indonesian mobile number is none', () => {
  for (const text of [undefined, '', '0215551234', '628', '+1 555 0100', '62811123456341234'])
    assert.equal(isPhone(text), false, text)
  assert.equal(isPhone('+6281112345634'), true)
})
