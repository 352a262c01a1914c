import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { Secret } from '../secret.ts'
import { openVault } from './vault.ts'

const aKey = (id: string) => ({ id, key: new Secret(randomBytes(32)) })
const lookup = new Secret(randomBytes(32))
const key = aKey('k1')
const vault = openVault([key], lookup)

test('what was sealed opens under the same context, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
      assert.equal(vault.open(vault.seal(text, context), context), text)
    }),
  )
})

test('the same text is sealed differently each time, under an id of the key and without the text', () => {
  const sealed = [1, 2].map(() => vault.seal('9360000200000200001', 'card'))
  assert.notEqual(sealed[0], sealed[1])
  for (const one of sealed) {
    assert.match(one, /^k1\.[\w-]+$/)
    assert.ok(!Buffer.from(one.slice(3), 'base64url').includes('9360'))
  }
})

test('another context, another key and an unknown key do not open it', () => {
  const sealed = vault.seal('text', 'a')
  assert.throws(() => vault.open(sealed, 'b'))
  assert.throws(() => openVault([aKey('k1')], lookup).open(sealed, 'a'))
  assert.throws(() => openVault([aKey('k2')], lookup).open(sealed, 'a'), /does not hold/)
  for (const nonsense of ['', '.', 'k1', 'k1.', 'k1.AAAA', 'k1.AAAAAAAA', `k1.${'A'.repeat(16)}`])
    assert.throws(() => vault.open(nonsense, 'a'), nonsense)
})

test('not one bit of a sealed text can be changed, and no byte left out', () => {
  const sealed = Buffer.from(vault.seal('12345678', 'a').slice(3), 'base64url')
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    assert.throws(() => vault.open(`k1.${changed.toString('base64url')}`, 'a'), `bit ${bit}`)
  }
  for (let length = 0; length < sealed.length; length++)
    assert.throws(() => vault.open(`k1.${sealed.subarray(0, length).toString('base64url')}`, 'a'))
})

test('a tag that is shorter than sixteen bytes is not even compared', () => {
  for (const sealed of ['k1.AAAAAA', `k1.${'A'.repeat(11)}`, `k1.${'A'.repeat(20)}`])
    assert.throws(() => vault.open(sealed, 'a'), /tag length/i)
})

test('after a rotation the new key seals, and what the old one sealed still opens', () => {
  const rotated = openVault([aKey('k2'), key], lookup)
  assert.match(rotated.seal('text', 'a'), /^k2\./)
  assert.equal(rotated.open(vault.seal('text', 'a'), 'a'), 'text')
})

test('a vault without a key cannot be opened', () => {
  assert.throws(() => openVault([], lookup), /no key/)
})

test('a digest has 32 bytes and depends on purpose, text and key', () => {
  const digests = [
    vault.digest('card', '1'),
    vault.digest('card', '2'),
    vault.digest('request', '1'),
    openVault([key], new Secret(randomBytes(32))).digest('card', '1'),
  ]
  for (const digest of digests) assert.equal(digest.length, 32)
  assert.equal(new Set(digests.map((digest) => digest.toString('hex'))).size, 4)
  assert.deepEqual(vault.digest('card', '1'), digests[0])
})

test('a data key opens what it sealed, as long as its sealed self is there', () => {
  const { sealed, seal } = vault.newDataKey('card-1')
  const text = seal.seal('9360000200000200001', 'a')
  assert.equal(vault.openDataKey(sealed, 'card-1').open(text, 'a'), '9360000200000200001')
  assert.match(text, /^d1\./)
  assert.throws(() => vault.openDataKey(sealed, 'card-2'))
  assert.throws(() => vault.open(text, 'a'), /does not hold/)
})

test('two data keys are different, and neither opens what the other sealed', () => {
  const [one, other] = [vault.newDataKey('x'), vault.newDataKey('x')]
  assert.throws(() => other.seal.open(one.seal.seal('text', 'a'), 'a'))
})
