import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { masked, patternOf } from './comparison.ts'
import { fencesOf, ROOT, stepsOf } from './document.ts'
import { aReader } from './reader.ts'

/** Its commands change the sources; the gateway's test of new channels runs them in a copy. */
const OF_SOURCES = 'add-a-channel.md'
const GUIDES = readdirSync(join(ROOT, 'docs/guides'))
  .filter((name) => name !== OF_SOURCES)
  .map((name) => `docs/guides/${name}`)

for (const name of ['README.md', ...GUIDES]) {
  test(`every command of ${name} prints what is shown beneath it`, async (t) => {
    const steps = stepsOf(fencesOf(name))
    assert.ok(steps.length > 3)
    const reader = await aReader(t)
    for (const step of steps) {
      const output = await reader.follow(step)
      if (output === undefined) continue
      const shown = 'shown' in step ? step.shown : ''
      assert.match(masked(output), patternOf(shown), 'commands' in step ? step.commands : shown)
    }
  })
}

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
