import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPrivateAddress } from './address.ts'

test('addresses of this network are told from those of others', () => {
  for (const near of ['127.0.0.1', '10.1.2.3', '::1', '::ffff:10.0.0.1', 'fd00::1'])
    assert.ok(isPrivateAddress(near), near)
  for (const far of ['198.51.100.7', '2001:db8::1']) assert.ok(!isPrivateAddress(far), far)
})
