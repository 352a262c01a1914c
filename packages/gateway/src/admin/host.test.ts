import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOwnHost } from './host.ts'

const NAMES = ['admin.shop.example', 'Gateway']

for (const host of [
  '127.0.0.1',
  '127.0.0.1:4011',
  '10.1.2.3:80',
  '[::1]:4011',
  '[fd00::1]',
  'localhost',
  'LOCALHOST:4011',
  'localhost.',
  'admin.shop.example',
  'Admin.Shop.Example.:443',
  'gateway:4011',
])
  test(`a request for ${host} is meant for this server`, () => assert.ok(isOwnHost(host, NAMES)))

for (const host of [
  undefined,
  '',
  '.',
  ':4011',
  'evil.example',
  'evil.example:4011',
  'localhost.evil.example',
  'evil.localhost',
  '127.0.0.1.evil.example',
  '127.1',
  '2130706433',
  '0x7f000001',
  'evil@127.0.0.1',
  '127.0.0.1/x',
  '127.0.0.1, evil.example',
  '[evil]',
  '[127.0.0.1]',
  '::1',
  'admin.shop.example.evil.example',
  'shop.example',
])
  test(`a request for ${JSON.stringify(host)} is not`, () => assert.ok(!isOwnHost(host, NAMES)))

test('without a name of its own a server has no name but localhost', () => {
  assert.ok(!isOwnHost('', ['']))
  assert.ok(!isOwnHost('gateway', []))
})
