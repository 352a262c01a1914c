import assert from 'node:assert/strict'
import { test } from 'node:test'
import { masked, patternOf } from './comparison.ts'
import { fencesOf, stepsOf } from './document.ts'
import { aReader } from './reader.ts'

/** Follows a document beside a demo of its own. */
export function testDocument(name: string): void {
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
