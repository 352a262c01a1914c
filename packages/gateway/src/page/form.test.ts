import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSameToken, readForm } from './form.ts'

const read = (fields: Record<string, string>) => readForm(new URLSearchParams(fields))

test('spaces, dashes and wide digits of a typed code do not matter', () => {
  for (const code of ['123456', ' 12 34-56 ', '123 456', '１２３４５６']) {
    const form = read({ action: 'verify', code })
    assert.equal(form?.code, '123456', code)
    assert.equal(form?.entered, code)
  }
})

test('what is typed is kept to a length that fits a message', () => {
  assert.equal(read({ code: '1'.repeat(5_000) })?.entered.length, 160)
})

test('the button of the other language asks for the other language', () => {
  assert.equal(read({ action: 'language', language: 'id' })?.language, 'en')
  assert.equal(read({ action: 'language', language: 'en' })?.language, 'id')
  assert.equal(read({ action: 'verify', language: 'en' })?.language, 'en')
  assert.equal(read({ action: 'verify', language: 'fr' })?.language, 'id')
})

test('a form without a button is a code to verify, and an unknown button is nothing', () => {
  assert.equal(read({ code: '1' })?.action, 'verify')
  assert.equal(read({ action: 'pay-twice' }), undefined)
})

test('a token is the same only if all of it is', () => {
  assert.equal(isSameToken('abc', 'abc'), true)
  for (const posted of ['abd', 'ab', 'abcd', '']) assert.equal(isSameToken(posted, 'abc'), false, posted)
  assert.equal(isSameToken('', ''), false)
})
