import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readReturnUrl } from './return-url.ts'

test('an address without a scheme is one of the web, and a scheme of another kind is refused', () => {
  assert.equal(readReturnUrl('shop.example/kept?a=b', false), 'https://shop.example/kept?a=b')
  assert.equal(readReturnUrl('shop.example:8443/kept', false), 'https://shop.example:8443/kept')
  assert.equal(readReturnUrl('//shop.example/kept', false), 'https://shop.example/kept')
  for (const text of [
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'https://a:b@shop.example/',
  ])
    assert.equal(readReturnUrl(text, true), undefined, text)
})

test('live, a host that only this network knows is refused in every way of writing it', () => {
  for (const host of [
    'intranet',
    'intranet.',
    'localhost',
    'localhost.',
    'printer.local.',
    'db.internal',
    'router.home',
    'wiki.corp',
    'a.localdomain',
    'a.intranet',
    '.com',
    'a..com',
    'localhost..',
    '10.0.0.1',
    '10.0.0.1.',
    '0x0a000001',
    '167772161',
    '127.1',
    '169.254.169.254',
    '192.0.0.8',
    '198.18.0.1',
    '[::1]',
    '[::ffff:10.0.0.1]',
    '[::ffff:8.8.8.8]',
    '[::10.0.0.1]',
    '[64:ff9b::a00:1]',
    '[64:ff9b:1::a00:1]',
    '[2002:a00:1::]',
    '[2001:0:a00:1::]',
    '[fd00::1]',
    '[fe80::1]',
  ]) {
    assert.equal(readReturnUrl(`https://${host}/kept`, false), undefined, host)
    assert.notEqual(readReturnUrl(`https://${host}/kept`, true), undefined, host)
  }
  for (const host of ['shop.example', 'shop.example.', '8.8.8.8', '[2606:4700::1111]'])
    assert.notEqual(readReturnUrl(`https://${host}/kept`, false), undefined, host)
})
