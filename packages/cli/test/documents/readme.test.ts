import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fencesOf, ROOT } from './document.ts'
import { testDocument } from './followed.ts'

testDocument('README.md')

test('the Indonesian README has the same commands, outputs and code', () => {
  assert.deepEqual(fencesOf('README.id.md'), fencesOf('README.md'))
})

test('the programs that README.md shows are those that lie in the SDK’s folder', () => {
  const shown = fencesOf('README.md').filter(({ info }) => info === 'js')
  const examples = ['pay.mjs', 'notified.mjs'].map((name) =>
    readFileSync(join(ROOT, 'packages/sdk/examples', name), 'utf8'),
  )
  assert.deepEqual(
    shown.map(({ text }) => text),
    examples,
  )
})
