/** A document; a member that is undefined is not written. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json | undefined }

/** What one JSON writer does otherwise than another. */
export interface JsonStyle {
  readonly comma: ',' | ', '
  readonly colon: ':' | ': '
  readonly slash: '/' | '\\/'
  /** Units of UTF-16 that are written as `\uXXXX` although JSON does not demand it. */
  readonly escaped: RegExp | undefined
  /** The digits of `\uXXXX`. */
  readonly digits: 'small' | 'capital'
  /** Members that are null are left out. */
  readonly omitsNull: boolean
}

export const PLAIN: JsonStyle = {
  comma: ',',
  colon: ':',
  slash: '/',
  escaped: undefined,
  digits: 'small',
  omitsNull: false,
}

/** Writes a document in that style: all that the five libraries' JSON writers differ in, and nothing of the gateway's. */
export function writeJson(document: Json, style: Partial<JsonStyle> = {}): string {
  const whole = { ...PLAIN, ...style }
  const write = (value: Json): string => {
    if (typeof value === 'string') return writeText(value, whole)
    if (typeof value !== 'object' || value === null) return String(value)
    if (isList(value)) return `[${value.map(write).join(whole.comma)}]`
    const members = Object.entries(value).flatMap(([name, member]) => {
      if (member === undefined || (member === null && whole.omitsNull)) return []
      return [`${writeText(name, whole)}${whole.colon}${write(member)}`]
    })
    return `{${members.join(whole.comma)}}`
  }
  return write(document)
}

/**
 * Writes a text anew, compact and in that style, as whoever reads it and keeps the order of members and the digits of numbers.
 * JavaScript keeps neither.
 */
export function rewriteJson(text: string, style: Partial<JsonStyle> = {}): string {
  const whole = { ...PLAIN, ...style }
  return text.replace(STRING_OR_BLANK, (token) =>
    token.startsWith('"') ? writeText(JSON.parse(token) as string, whole) : '',
  )
}

const STRING_OR_BLANK = /"(?:[^"\\]|\\.)*"|\s+/g

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value)
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function writeText(text: string, { slash, escaped, digits }: JsonStyle): string {
  const units = Array.from({ length: text.length }, (_, at) => text.charAt(at))
  const written = units.map((unit) => {
    if (unit === '/') return slash
    const short = SHORT[unit]
    if (short !== undefined) return short
    if (unit >= ' ' && !escaped?.test(unit)) return unit
    const number = unicodeNumber(unit)
    return `\\u${digits === 'small' ? number : number.toUpperCase()}`
  })
  return `"${written.join('')}"`
}

function unicodeNumber(unit: string): string {
  return unit.charCodeAt(0).toString(16).padStart(4, '0')
}
