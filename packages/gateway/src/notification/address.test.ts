import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overridden, urlFor } from './address.ts'

const OWN = 'https://shop.example/v1.0/debit/notify?shop=1'

for (const [override, expected, words] of [
  [
    'https://branch.example/v1.0/debit/notify?shop=1',
    'https://branch.example/v1.0/debit/notify?shop=1',
    'another domain',
  ],
  [
    'https://branch.example:8443/v1.0/debit/notify?shop=1',
    'https://branch.example:8443/v1.0/debit/notify?shop=1',
    'a port',
  ],
  ['https://branch.example/other', OWN, 'another path is ignored'],
  ['https://branch.example/v1.0/debit/notify', OWN, 'another query is ignored'],
  ['http://branch.example/v1.0/debit/notify?shop=1', OWN, 'another scheme is ignored'],
  ['https://me@branch.example/v1.0/debit/notify?shop=1', OWN, 'a user is ignored'],
  ['branch.example', OWN, 'no URL is ignored'],
  ['javascript:alert(1)', OWN, 'no URL of ours is ignored'],
  [`https://${'a'.repeat(1100)}.example/v1.0/debit/notify?shop=1`, OWN, 'a host that is too long is ignored'],
  [`https://${'a'.repeat(300)}.example/v1.0/debit/notify?shop=1`, OWN, 'a host that is no name is ignored'],
  [undefined, OWN, 'none'],
  [{ url: OWN }, OWN, 'an object is ignored'],
] as const)
  test(`a payment’s own URL: ${words}`, () => {
    assert.equal(overridden(OWN, override), expected)
  })

test('the URL of the channel goes before that for every channel, and each purpose has its own', () => {
  const urls = [
    { channel: '', purpose: 'notification', url: 'https://a.example/' },
    { channel: 'KKI', purpose: 'notification', url: 'https://b.example/' },
    { channel: '', purpose: 'token', url: 'https://c.example/' },
  ] as const
  assert.equal(urlFor(urls, { channel: 'KKI', purpose: 'notification' }), 'https://b.example/')
  assert.equal(urlFor(urls, { channel: 'CIMB', purpose: 'notification' }), 'https://a.example/')
  assert.equal(urlFor(urls, { channel: 'KKI', purpose: 'token' }), 'https://c.example/')
  assert.equal(urlFor(urls, { channel: 'KKI', purpose: 'binding' }), undefined)
})
