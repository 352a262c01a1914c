import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, inspect } from 'node:util'
import { maskCardNumbers, Secret } from './secret.ts'

const WORD = 'sesame-open'
const secret = new Secret(WORD)

test('a secret does not print, whichever way it is printed', () => {
  const prints = [
    String(secret),
    `${secret}`,
    `${['x', secret]}`,
    JSON.stringify({ secret }),
    JSON.stringify(secret),
    inspect(secret),
    inspect({ deep: { secret } }, { showHidden: true, depth: 9 }),
    format('%s %o %O %j', secret, secret, secret, secret),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify({ ...secret }),
  ]
  for (const print of prints) assert.ok(!print.includes(WORD), print)
  assert.equal(String(secret), '[redacted]')
})

test('it is revealed on request only', () => {
  assert.equal(secret.reveal(), WORD)
})

test('card numbers are masked in texts that a partner chose, and other numbers are not', () => {
  assert.equal(maskCardNumbers('INV 9360000200000200001!'), 'INV 9360[masked]!')
  assert.equal(maskCardNumbers('INV-1700000000000'), 'INV-1700000000000')
})
