import { findJsonFault } from './json-fault.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * The body without the blanks between its tokens. Bytes are copied: member order, number lexemes, escapes and
 * blanks inside strings stay. A body that has no such blanks is returned itself, not a copy.
 */
export function minify(bytes: Uint8Array): Uint8Array {
  const first = firstBlank(bytes)
  if (first === bytes.length) return bytes

  const kept = new Uint8Array(bytes.length)
  kept.set(bytes.subarray(0, first))
  let size = first
  let inString = false
  for (let at = first; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === QUOTE) inString = !inString
    else if (inString && byte === BACKSLASH) kept[size++] = bytes[at++] as number
    else if (!inString && isBlank(byte)) continue
    if (at < bytes.length) kept[size++] = bytes[at] as number
  }
  return kept.subarray(0, size)
}

/** Position of the first blank outside a string, or the length. Most bodies have none and end here. */
function firstBlank(bytes: Uint8Array): number {
  let inString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === QUOTE) inString = !inString
    else if (inString) at += byte === BACKSLASH ? 1 : 0
    else if (isBlank(byte)) return at
  }
  return bytes.length
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/**
 * The bodies that a client may have hashed for what it sent, in the order in which they are tried: official
 * client libraries of SNAP sign a re-encoding of the document and send another.
 */
export const BODY_FORMS = [
  'raw',
  'minified',
  'reserialised',
  'php',
  'jackson',
  'ascii',
  'go',
  'gson',
] as const

export type BodyForm = (typeof BODY_FORMS)[number]

/** Only what the standard says is signed. */
export const STRICT_FORMS = ['minified'] as const satisfies readonly BodyForm[]

export interface NamedBody {
  readonly form: BodyForm
  readonly bytes: Uint8Array
}

/**
 * The wanted forms of a body, made one by one as they are asked for; a form equal to an earlier one is left
 * out. Beyond raw and minified only a sound document has forms: with two members of one name they would not
 * all say the same.
 */
export function* bodyForms(
  body: Uint8Array,
  forms: readonly BodyForm[] = BODY_FORMS,
): Generator<NamedBody, void, undefined> {
  const seen: Uint8Array[] = []
  let minified: string | undefined
  for (const form of forms) {
    let bytes: Uint8Array
    if (form === 'raw') bytes = body
    else if (form === 'minified') bytes = minify(body)
    else {
      if (minified === undefined && findJsonFault(body)) return
      minified ??= Buffer.from(minify(body)).toString()
      bytes = Buffer.from(rewriteStrings(minified, WRITTEN_BY[form]))
    }
    if (seen.some((earlier) => earlier === bytes || Buffer.compare(earlier, bytes) === 0)) continue
    seen.push(bytes)
    yield { form, bytes }
  }
}

type Rewrite = (plain: string) => string

/** What a form makes of a string that has no more than the escapes that JSON demands. */
const WRITTEN_BY: Record<Exclude<BodyForm, 'raw' | 'minified'>, Rewrite> = {
  reserialised: (plain) => plain,
  // PHP keeps these two escaped when it is told to leave letters as they are.
  php: escaping(/[\u2028\u2029]/g),
  // Jackson writes the numbers of control characters in capital digits.
  jackson: (plain) => plain.replace(ESCAPE, (found) => (found.length > 2 ? capital(found) : found)),
  ascii: escaping(/[^\0-\x7f]/g),
  go: escaping(/[<>&\u2028\u2029]/g),
  gson: escaping(/[<>&=\u0027\u2028\u2029]/g),
}

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g
const ESCAPE = /\\(?:u[0-9a-f]{4}|.)/g

function rewriteStrings(minified: string, rewrite: Rewrite): string {
  return minified.replace(STRING, (literal) =>
    rewrite(literal.includes('\\') ? JSON.stringify(JSON.parse(literal)) : literal),
  )
}

/** Without the `u` flag a pattern sees UTF-16 units, so a character outside the plane becomes its pair. */
function escaping(pattern: RegExp): Rewrite {
  return (plain) => plain.replace(pattern, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function capital(unicodeEscape: string): string {
  return `\\u${unicodeEscape.slice(2).toUpperCase()}`
}

/**
 * The value without members that are null, the empty string, or an array or object that has nothing in it, at every depth: to SNAP
 * they are absent. Elements of arrays stay, because their position means something. The argument is not changed.
 */
export function withoutAbsent(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withoutAbsent)
  const present: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    const kept = withoutAbsent(member)
    // Assigning to this one name would change the prototype; nothing in SNAP is called so.
    if (!isEmpty(kept) && name !== '__proto__') present[name] = kept
  }
  return present
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
