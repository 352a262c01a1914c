import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { writtenVectors } from '../test/vectors.ts'
import { findJsonFault } from './json-fault.ts'
import { BODY_FORMS, type BodyForm, bodyForms, minify, withoutAbsent } from './json-text.ts'

const minified = (text: string) => Buffer.from(minify(Buffer.from(text))).toString()

function formsOf(text: string, forms?: readonly BodyForm[]): Record<string, string> {
  const named = [...bodyForms(Buffer.from(text), forms)]
  return Object.fromEntries(named.map(({ form, bytes }) => [form, Buffer.from(bytes).toString()]))
}

/** Documents with blanks between their tokens and everything that a form escapes inside their strings. */
const value = fc.jsonValue({ maxDepth: 4 })
const special = fc.string({ unit: fc.constantFrom(...' <>&=\'"\\/é\u2028😀\n\ta{}[],:') })
const document = fc
  .tuple(value, special, special, fc.constantFrom(0, 1, 3, '\t', ' \t'))
  .map(([inner, name, text, indent]) => JSON.stringify({ [name]: text, inner: [inner, text] }, null, indent))

test('minifying takes the blanks between tokens and nothing else', () => {
  assert.equal(
    minified(' {\r\n\t"a b" : [ 1.00 , -0e+1 , "x  \\" y" , null ] }\n'),
    '{"a b":[1.00,-0e+1,"x  \\" y",null]}',
  )
  assert.equal(minified('{"a":"\\\\" , "b":" "}'), '{"a":"\\\\","b":" "}')
  assert.equal(minified('{"z":1,"a":2}'), '{"z":1,"a":2}')
  assert.equal(minified(''), '')
})

test('a body without such blanks is returned itself', () => {
  const body = Buffer.from('{"a":"b c"}')
  assert.equal(minify(body), body)
})

test('minifying keeps the meaning, agrees with a serialiser, and twice is once', () => {
  fc.assert(
    fc.property(document, (text) => {
      const once = minified(text)
      assert.equal(once, JSON.stringify(JSON.parse(text)))
      assert.equal(minified(once), once)
    }),
  )
})

test('minifying any bytes at all ends, and twice is once', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ unit: fc.constantFrom(...' "\\a\n') }), (noise, text) => {
      for (const bytes of [noise, Buffer.from(text)]) {
        const once = minify(bytes)
        assert.deepEqual(Buffer.from(minify(once)), Buffer.from(once))
      }
    }),
  )
})

test('every form of a body says the same', () => {
  fc.assert(
    fc.property(document, (text) => {
      const forms = formsOf(text)
      assert.ok('raw' in forms)
      for (const form of Object.values(forms)) assert.deepEqual(JSON.parse(form), JSON.parse(text))
      assert.equal(new Set(Object.values(forms)).size, Object.keys(forms).length)
    }),
  )
})

test('the forms are what the client libraries write', () => {
  assert.deepEqual(formsOf('{ "z": 1.50, "a": "\\/ \\u00e9 < & \\u003d \' \\n\\u2028\\ud83d\\ude00" }'), {
    raw: '{ "z": 1.50, "a": "\\/ \\u00e9 < & \\u003d \' \\n\\u2028\\ud83d\\ude00" }',
    minified: '{"z":1.50,"a":"\\/ \\u00e9 < & \\u003d \' \\n\\u2028\\ud83d\\ude00"}',
    reserialised: '{"z":1.50,"a":"/ é < & = \' \\n\u2028😀"}',
    php: '{"z":1.50,"a":"/ é < & = \' \\n\\u2028😀"}',
    ascii: '{"z":1.50,"a":"/ \\u00e9 < & = \' \\n\\u2028\\ud83d\\ude00"}',
    go: '{"z":1.50,"a":"/ é \\u003c \\u0026 = \' \\n\\u2028😀"}',
    gson: '{"z":1.50,"a":"/ é \\u003c \\u0026 \\u003d \\u0027 \\n\\u2028😀"}',
  })
})

test('of capital digits are the numbers of control characters, and nothing that only looks so', () => {
  assert.equal(
    formsOf('["\\u001f \\\\u001f \\b \\u00e9 \\u2028"]').jackson,
    '["\\u001F \\\\u001f \\b é \u2028"]',
  )
})

for (const { client, document: name, by, sent, signed } of writtenVectors)
  test(`what ${client} hashes of ${name} is a form of what it sends, as ${by} writes both`, () => {
    assert.ok(Object.values(formsOf(sent)).includes(signed), `${sent}\n${signed}`)
  })

test('forms equal to an earlier one are left out, and only wanted ones are made', () => {
  assert.deepEqual(formsOf('{"a":1}'), { raw: '{"a":1}' })
  assert.deepEqual(formsOf('{"a":1}', ['minified']), { minified: '{"a":1}' })
  assert.deepEqual(Object.keys(formsOf('{"a":"<="}')), ['raw', 'go', 'gson'])
  assert.deepEqual(formsOf(''), { raw: '' })
  assert.equal(BODY_FORMS.length, 8)
})

test('a document with a fault has no forms beyond raw and minified', () => {
  for (const text of ['{"a": "<", "a": "é"}', '{ "a": "\\x" }', '{ "é": ']) {
    assert.ok(findJsonFault(Buffer.from(text)))
    assert.deepEqual(Object.keys(formsOf(text)), ['raw', 'minified'])
  }
})

test('null, the empty string and what has nothing in it are absent at every depth, elements of arrays stay', () => {
  const given = {
    a: null,
    b: '',
    c: 0,
    d: false,
    e: { f: '', g: [null, '', { h: null, i: ' ' }] },
    j: [],
    k: {},
    l: { m: [{}] },
    n: { o: null },
  }
  const before = structuredClone(given)
  assert.deepEqual(withoutAbsent(given), { c: 0, d: false, e: { g: [null, '', { i: ' ' }] }, l: { m: [{}] } })
  assert.deepEqual(given, before)
  assert.equal(withoutAbsent(null), null)
  assert.equal(withoutAbsent(''), '')
})

test('a member called __proto__ changes no prototype', () => {
  const body = withoutAbsent(JSON.parse('{"__proto__":{"otp":"12345678"},"a":1}'))
  assert.deepEqual(body, { a: 1 })
  assert.equal(Object.getPrototypeOf(body), Object.prototype)
})
