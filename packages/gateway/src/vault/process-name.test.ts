import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keysOfProcess, processName } from './process-name.ts'

test('the name of a process says which keys it holds', () => {
  assert.equal(processName(['k2', 'k1']), 'gerbang keys=k2,k1')
  assert.deepEqual(keysOfProcess('gerbang keys=k2,k1'), ['k2', 'k1'])
})

test('of more keys than a name can hold the oldest are left out, none in part', () => {
  const ids = Array.from({ length: 9 }, (_, n) => `key-number-${n}`)
  const name = processName(ids)
  assert.ok(name.length <= 63)
  assert.deepEqual(keysOfProcess(name), ids.slice(0, 3))
})

test('a process of an earlier version holds no key that is known, and a tool is no process', () => {
  assert.deepEqual(keysOfProcess('gerbang'), [])
  for (const name of ['gerbang-tool', 'gerbang-migrate', 'psql', ''])
    assert.equal(keysOfProcess(name), undefined)
})
