import { minify } from '@gerbang/snap/json-text'

const STRING = /"(?:[^"\\]|\\.)*"/g

/** All white space gone, also inside values. */
export function withoutWhitespace(body: Uint8Array): Uint8Array {
  return bytes(textOf(body).replace(/\s+/g, ''))
}

/** PHP's json_encode: `/` as `\/`, and non-ASCII as `\uXXXX` unless told otherwise. */
export function phpForms(body: Uint8Array): Uint8Array[] {
  const slashed = rewriteStrings(minifiedText(body), (plain) => plain.replaceAll('/', '\\/'))
  return [bytes(escapeNonAscii(slashed)), bytes(slashed)]
}

/** Python's json.dumps: a blank after every comma and colon between tokens. */
export function pythonForms(body: Uint8Array): Uint8Array[] {
  const spaced = minifiedText(body).replace(/"(?:[^"\\]|\\.)*"|[,:]/g, (token) =>
    token === ',' || token === ':' ? `${token} ` : token,
  )
  const plain = rewriteStrings(spaced, (literal) => literal)
  return [spaced, plain, escapeNonAscii(plain)].map(bytes)
}

/** Members in alphabetical order, at every depth and at the first one only. */
export function sortedForms(body: Uint8Array): Uint8Array[] {
  return reparsed(body, (value) => [
    JSON.stringify(sorted(value, Infinity)),
    JSON.stringify(sorted(value, 1)),
  ])
}

/** Indented by two blanks, four blanks, a tab. */
export function prettyForms(body: Uint8Array): Uint8Array[] {
  return reparsed(body, (value) => [2, 4, '\t'].map((indent) => JSON.stringify(value, null, indent)))
}

/** Through a JSON parser, which rewrites numbers (10000.00 becomes 10000). */
export function reparsedForms(body: Uint8Array): Uint8Array[] {
  return reparsed(body, (value) => [JSON.stringify(value)])
}

/** As text: what an editor or a shell adds at the ends, and Windows line breaks. */
export function wrappedForms(body: Uint8Array): Uint8Array[] {
  const raw = textOf(body)
  return [raw, minifiedText(body)]
    .flatMap((text) => [`${text}\n`, `${text}\r\n`, `\ufeff${text}`, text.replace(/\r?\n/g, '\r\n')])
    .concat(raw.trimEnd())
    .map(bytes)
}

export function asciiForm(body: Uint8Array): Uint8Array {
  return bytes(escapeNonAscii(rewriteStrings(minifiedText(body), (plain) => plain)))
}

function minifiedText(body: Uint8Array): string {
  return textOf(minify(body))
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body).toString('utf8')
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'utf8')
}

function rewriteStrings(text: string, write: (plain: string) => string): string {
  return text.replace(STRING, (literal) => {
    try {
      return write(JSON.stringify(JSON.parse(literal)))
    } catch {
      return literal
    }
  })
}

function escapeNonAscii(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function reparsed(body: Uint8Array, write: (value: unknown) => string[]): Uint8Array[] {
  try {
    return write(JSON.parse(textOf(body))).map(bytes)
  } catch {
    return []
  }
}

function sorted(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth === 0) return value
  if (Array.isArray(value)) return value.map((element) => sorted(element, depth))
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member, depth - 1)]))
}
