import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminApi } from './openapi.ts'
import { OPERATIONS, PATH_MEMBERS } from './operations.ts'

// biome-ignore lint/suspicious/noExplicitAny: a document under test has whatever it has
const document = JSON.parse(JSON.stringify(adminApi())) as any

for (const { id, method, path, body, status = 200 } of OPERATIONS)
  test(`the operation ${id} is described whole`, () => {
    const described = document.paths[path][method.toLowerCase()]
    assert.equal(described.operationId, id)
    assert.ok(described.summary.length > 0)
    assert.equal(described.requestBody !== undefined, body !== undefined)
    assert.ok(described.responses[status].content['application/json'].examples, 'an example')
    for (const refused of [401, 421, 429, 500]) assert.ok(described.responses[refused], String(refused))
    const named = described.parameters.filter((one: { in: string }) => one.in === 'path')
    for (const { name, schema } of named) assert.equal(schema.pattern, PATH_MEMBERS[name])
  })

test('every operation has a name and a place of its own', () => {
  assert.equal(new Set(OPERATIONS.map(({ id }) => id)).size, OPERATIONS.length)
  assert.equal(new Set(OPERATIONS.map(({ method, path }) => method + path)).size, OPERATIONS.length)
})

test('every reference inside the document leads somewhere', () => {
  for (const [, path = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    let place = document
    for (const step of path.split('/')) place = place?.[step]
    assert.ok(place, path)
  }
})
