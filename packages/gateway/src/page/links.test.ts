import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appLink, shopLink, webOrigins } from './links.ts'

test('a shop may leave the scheme out, and means https', () => {
  assert.equal(shopLink('toko.example/selesai?a=1&b=2'), 'https://toko.example/selesai?a=1&b=2')
  assert.equal(shopLink('//toko.example/selesai'), 'https://toko.example/selesai')
  assert.equal(shopLink('toko.example:8443/x'), 'https://toko.example:8443/x')
  assert.equal(shopLink('http://127.0.0.1:3000/back'), 'http://127.0.0.1:3000/back')
  assert.equal(shopLink('HTTPS://Toko.Example'), 'https://toko.example/')
})

test('an address that would run something is no way back', () => {
  for (const address of [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'mailto:a@b.example',
    'https://',
    '',
    undefined,
  ]) {
    assert.equal(shopLink(address), undefined, address)
  }
})

test('a bank’s app is opened by https or by its own scheme', () => {
  assert.equal(appLink('brimo://approve?id=1'), 'brimo://approve?id=1')
  assert.equal(appLink('https://bank.example/app'), 'https://bank.example/app')
  for (const address of [
    'javascript:alert(1)',
    'data:,x',
    'http://bank.example',
    'blob:x',
    'x',
    undefined,
    'intent://x#Intent;scheme=y;end',
    'content://x',
    'view-source:https://a.example',
    'ms-msdt:/id',
    'chrome://settings',
    'jar:https://a.example!/x',
  ]) {
    assert.equal(appLink(address), undefined, address)
  }
})

test('only whole origins reach the policy, so that an address cannot add a rule to it', () => {
  assert.deepEqual(
    webOrigins([
      'https://toko.example/a/b?c',
      "https://x.example; script-src 'unsafe-inline'",
      'https://a b',
      'https://*',
      'https://*.toko.example',
      'https://toko.example;sandbox',
      'https://toko.example,x',
      "https://toko'example",
      '*',
      "'self'",
      'ftp://files.example',
      'http://localhost:3000',
      'http://[::1]:3000',
    ]),
    ['https://toko.example', 'http://localhost:3000', 'http://[::1]:3000'],
  )
})
