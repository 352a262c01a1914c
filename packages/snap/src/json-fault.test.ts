import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { findJsonFault, type JsonFault } from './json-fault.ts'

const faultOf = (text: string | Uint8Array, maxDepth?: number) =>
  findJsonFault(typeof text === 'string' ? Buffer.from(text) : text, maxDepth ? { maxDepth } : {})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Texts near JSON: real documents with a few pieces cut, doubled or put in. */
const nearJson = fc
  .tuple(
    fc.json({ maxDepth: 4 }),
    fc.array(fc.tuple(fc.nat(200), fc.nat(2), fc.constantFrom(...'{}[]",:\\/u0e-+.1 tn\t\n', '\\u12G4')), {
      maxLength: 3,
    }),
  )
  .map(([text, cuts]) =>
    cuts.reduce((now, [at, drop, put]) => now.slice(0, at) + put + now.slice(at + drop), text),
  )

test('well-formedness is judged as JSON.parse judges it', () => {
  let sound = 0
  let broken = 0
  const agrees = (text: string) => {
    const fault = faultOf(text)
    if (isJson(text)) {
      sound++
      assert.notEqual(fault, 'not-json', text)
    } else {
      broken++
      assert.notEqual(fault, undefined, text)
    }
  }
  fc.assert(fc.property(nearJson, agrees), { numRuns: 3000 })
  fc.assert(fc.property(fc.string(), agrees))
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0e-+.1 truefalsn') }), agrees))
  assert.ok(sound > 100 && broken > 100, `${sound} sound, ${broken} broken`)
})

test('a document that a serialiser wrote has no fault', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value)
      fc.pre(!text.includes('\\u0000'))
      assert.equal(faultOf(text), undefined, text)
    }),
  )
})

const tokens: [string, JsonFault | undefined][] = [
  ['', 'not-json'],
  [' ', 'not-json'],
  ['{}', undefined],
  [' \t\r\n{ "a" : [ 1 , -0.5e+3 , true , false , null , "x" ] } \n', undefined],
  ['01', 'not-json'],
  ['-', 'not-json'],
  ['1.', 'not-json'],
  ['.5', 'not-json'],
  ['1e', 'not-json'],
  ['+1', 'not-json'],
  ['[1,]', 'not-json'],
  ['{"a":1,}', 'not-json'],
  ['{"a" 1}', 'not-json'],
  ['{a:1}', 'not-json'],
  ['{"a":1', 'not-json'],
  ['["a', 'not-json'],
  ['tru', 'not-json'],
  ['{}{}', 'not-json'],
  ['"a\nb"', 'not-json'],
  ['"\\x"', 'not-json'],
  ['"\\', 'not-json'],
  ['"\\u12', 'not-json'],
  ['"\\u00g0"', 'not-json'],
  ['\ufeff{}', 'not-json'],
  ['"\\u0000"', 'nul-byte'],
  ['"\0"', 'nul-byte'],
  ['{}\0', 'nul-byte'],
  ['{"\\u0000":1}', 'nul-byte'],
  ['"\\\\u0000"', undefined],
  ['"\\ud83d\\ude00"', undefined],
  ['"\\uD83D\\uDE00"', undefined],
  ['"\\ud83d"', 'invalid-utf8'],
  ['"\\ud83dx"', 'invalid-utf8'],
  ['"\\ud83d\\u0041"', 'invalid-utf8'],
  ['"\\ude00\\ud83d"', 'invalid-utf8'],
  ['"\\ude00\\ude00"', 'invalid-utf8'],
  ['{"a":1,"a":2}', 'duplicate-member'],
  ['{"a":1,"\\u0061":2}', 'duplicate-member'],
  ['{"\\u00e9":1,"é":2}', 'duplicate-member'],
  ['{"é":1,"\\u00E9":2}', 'duplicate-member'],
  ['{"\\/":1,"/":2}', 'duplicate-member'],
  ['{"":1,"":2}', 'duplicate-member'],
  ['[{"a":{"b":1,"c":2,"b":3}}]', 'duplicate-member'],
  ['{"a":{"a":{"a":1}},"b":{"a":1}}', undefined],
  ['[{"a":1},{"a":1}]', undefined],
  ['{"a":{"b":1},"b":1,"a":2}', 'duplicate-member'],
  // Equal under the scanner's hash, not equal as names.
  ['{"Aa":1,"BB":2}', undefined],
]

test('each fault has its name', () => {
  for (const [text, fault] of tokens) assert.equal(faultOf(text), fault, JSON.stringify(text))
})

test('bytes that are not UTF-8 are refused wherever they stand', () => {
  const bad = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf4, 0x90, 0x80, 0x80]]
  for (const bytes of bad) {
    assert.equal(
      faultOf(Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')])),
      'invalid-utf8',
    )
  }
})

test('nesting is accepted up to the limit and refused above it', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  assert.equal(faultOf(nested(32)), undefined)
  assert.equal(faultOf(nested(33)), 'too-deep')
  assert.equal(faultOf('{"a":{"b":1}}', 2), undefined)
  assert.equal(faultOf('{"a":{"b":{}}}', 2), 'too-deep')
  assert.equal(faultOf('['.repeat(1_000_000)), 'too-deep')
})

test('an object with very many members is read in linear time, and its last duplicate is found', () => {
  const members = Array.from({ length: 100_000 }, (_, index) => `"member${index}":1`)
  assert.equal(faultOf(`{${members.join()}}`), undefined)
  assert.equal(faultOf(`{${members.join()},"member0":1}`), 'duplicate-member')
  assert.equal(faultOf(`{${members.join()},"member99999":1}`), 'duplicate-member')
})

test('names that stand twice are found exactly when a naive reader finds them', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '/'), maxLength: 2 })
  const written = fc.tuple(name, fc.nat(3)).map(([text, style]) => spell(text, style))
  const { document } = fc.letrec<{ document: string }>((tie) => ({
    document: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('1', '"a"', 'null'),
      fc
        .array(fc.tuple(written, tie('document')), { maxLength: 20 })
        .map((members) => `{${members.map(([key, value]) => `${key}:${value}`).join()}}`),
      fc.array(tie('document'), { maxLength: 3 }).map((elements) => `[${elements.join()}]`),
    ),
  }))
  const seen = new Set<JsonFault | undefined>()
  fc.assert(
    fc.property(document, (text) => {
      const fault = findJsonFault(Buffer.from(text), { maxDepth: 1000 })
      seen.add(fault)
      assert.equal(fault, naiveFault(text), text)
    }),
    { numRuns: 1000 },
  )
  assert.deepEqual([...seen].sort(), ['duplicate-member', undefined])
})

/** A name as a literal: plain, all escaped, escaped in capitals, or with its slash escaped. */
function spell(text: string, style: number): string {
  const hex = (unit: string) => unit.charCodeAt(0).toString(16).padStart(4, '0')
  if (style === 1) return `"${text.replace(/./g, (unit) => `\\u${hex(unit)}`)}"`
  if (style === 2) return `"${text.replace(/./g, (unit) => `\\u${hex(unit).toUpperCase()}`)}"`
  if (style === 3) return `"${text.replaceAll('/', '\\/')}"`
  return `"${text}"`
}

/** The oracle: every member gets a name of its own, JSON.parse reads the whole, then names are compared. */
function naiveFault(text: string): JsonFault | undefined {
  let count = 0
  const unique = text.replace(/"(?:[^"\\]|\\.)*"(?=\s*:)/g, (literal) => `"${count++} ${literal.slice(1)}`)
  const hasTwice = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false
    if (Array.isArray(value)) return value.some(hasTwice)
    const names = Object.keys(value).map((name) => name.slice(name.indexOf(' ') + 1))
    return new Set(names).size < names.length || Object.values(value).some(hasTwice)
  }
  return hasTwice(JSON.parse(unique)) ? 'duplicate-member' : undefined
}
