import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOf } from './addresses.ts'

test('a visitor is counted by the IPv4 address, or by the network of an IPv6 address', () => {
  const cases: readonly (readonly [address: string, network: string])[] = [
    ['198.51.100.7', '198.51.100.7'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ]
  for (const [address, network] of cases) assert.equal(networkOf(address), network, address)
})
