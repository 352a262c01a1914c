import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { CONTRACTS } from '@gerbang/snap'
import { matrixRows } from './channel-matrix.ts'
import { CHANNELS } from './channels/index.ts'
import { openApi } from './http/openapi.ts'
import { referencePages } from './reference-pages.ts'
import { SETTINGS } from './settings.ts'

for (const [name, text] of Object.entries(referencePages()))
  test(`docs/reference/${name} is what the program prints`, async () => {
    const committed = await readFile(new URL(`../../../../docs/reference/${name}`, import.meta.url), 'utf8')
    assert.equal(committed, text, 'run `npm run reference`')
  })

for (const [index, { slug, profile }] of CHANNELS.entries())
  test(`what ${slug} infers is what it offers, and stands on the page as inferred`, () => {
    const inferred = matrixRows().filter((row) => row[index + 1]?.startsWith('○'))
    assert.equal(inferred.length, profile.inferred.length)
  })

test('every setting is on the page of settings', () => {
  const page = referencePages()['configuration.md'] ?? ''
  for (const { env } of Object.values(SETTINGS)) assert.ok(page.includes(`| \`${env}\` |`), env)
})

// biome-ignore lint/suspicious/noExplicitAny: a document under test has whatever it has
const document = JSON.parse(JSON.stringify(openApi())) as any

test('the document has what OpenAPI 3.1 wants', () => {
  assert.match(document.openapi, /^3\.1\.\d+$/)
  for (const member of ['title', 'version']) assert.equal(typeof document.info[member], 'string')
  assert.equal(document.info.license.identifier, 'Apache-2.0')
  assert.deepEqual(
    Object.keys(document.paths),
    CONTRACTS.map(({ path }) => path),
  )
})

for (const contract of CONTRACTS)
  test(`the operation ${contract.operation} is described whole`, () => {
    const { post, ...others } = document.paths[contract.path]
    assert.deepEqual(others, {})
    assert.equal(post.operationId, contract.operation)
    assert.ok(post.summary.length > 0)
    assert.deepEqual(
      post.requestBody.content['application/json'].schema,
      JSON.parse(JSON.stringify(contract.body)),
    )
    for (const parameter of post.parameters) {
      assert.equal(parameter.in, 'header')
      assert.equal(typeof parameter.required, 'boolean')
      assert.ok(parameter.schema)
    }
    for (const [status, response] of Object.entries<{ description: string; content: object }>(
      post.responses,
    )) {
      assert.match(status, /^[2-5]\d\d$/)
      assert.ok(response.description.length > 0)
      assert.deepEqual(Object.keys(response.content), ['application/json'])
    }
    assert.ok(post.responses['200'] && post.responses['401'])
  })

test('every reference inside the document leads somewhere', () => {
  const text = JSON.stringify(document)
  for (const [, path = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    let place = document
    for (const step of path.split('/')) place = place?.[step]
    assert.ok(place, path)
  }
})

test('every schema names a known type and every pattern is a regular expression', () => {
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { type, pattern } = value as { type?: unknown; pattern?: unknown }
    if (typeof type === 'string')
      assert.ok(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'].includes(type), type)
    if (typeof pattern === 'string') assert.ok(new RegExp(pattern, 'u'))
    for (const inner of Object.values(value)) visit(inner)
  }
  visit({ paths: document.paths, schemas: document.components.schemas })
})
