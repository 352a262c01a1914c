import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aDemo } from './demo.ts'

const CARD = ['--cpan', '9360000220000000037', '--phone', '081234567890']

test('a new key of the vault seals everything after a restart, and what was kept still pays', async (t) => {
  const demo = await aDemo(t)
  const bound = await demo.ask<{ verification: { bankCardToken: string } }>(
    ...['bind', ...CARD, '--customer', 'CUST01', '--otp', 'inbox'],
  )
  const before = await demo.ask<{ current: string; valuesByKey: Record<string, number> }>('vault', 'keys')
  assert.equal(before.current, 'k1')
  assert.ok((before.valuesByKey.k1 ?? 0) >= 3)

  const added = await demo.run('vault', 'rotate', '--new-key')
  assert.match(added.out, /^Key k2 is the first in .*\nNext: stop the gateway/m)
  const early = await demo.run('vault', 'rotate')
  assert.equal(early.code, 1)
  assert.match(early.err, /^A gateway runs that does not hold k2: .*\nNext: stop the gateway/)
  assert.equal((await demo.run('pay', '--ott', '12345678', '--amount', '5000', ...CARD.slice(0, 2))).code, 0)
  await demo.restart()
  const rotated = await demo.run('vault', 'rotate')
  assert.equal(rotated.code, 0, rotated.err)
  assert.match(rotated.out, /^partner_keys\.secret_sealed: 1 sealed anew, 0 left$/m)
  assert.match(rotated.out, /^card_tokens\.data_key_sealed: 1 sealed anew, 0 left$/m)
  assert.match(rotated.out, /^Rotated\. \d+ values are sealed under k2\.\nNext: k1 may be taken out/m)
  const after = await demo.run('vault', 'keys')
  assert.match(after.out, /^New values are sealed under k2\.\n {2}k2 {2}\d+ values\n {2}k1 {2}0 values$/m)
  const { bankCardToken } = bound.verification
  assert.equal((await demo.run('pay', '--token', bankCardToken, '--amount', '5000')).code, 0)

  const elsewhere = await demo.run('vault', 'rotate', '--new-key')
  assert.match(elsewhere.out, /^Key k3 is the first/)
  assert.equal((await demo.run('vault', 'rotate')).code, 1)
  const forced = await demo.run('vault', 'rotate', '--force')
  assert.match(forced.out, /^Rotated\. \d+ values are sealed under k3\.$/m)
})
