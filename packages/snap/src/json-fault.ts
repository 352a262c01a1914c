import { isUtf8 } from 'node:buffer'

/**
 * Why a body is refused before it is parsed. `invalid-utf8` is also a lone surrogate written as an escape, and
 * `nul-byte` also `\u0000`: a database text can hold neither.
 */
export type JsonFault = 'not-json' | 'duplicate-member' | 'too-deep' | 'invalid-utf8' | 'nul-byte'

export interface JsonLimits {
  /** Nesting of objects and arrays that is still accepted; a bare `{}` is one deep. Default 32. */
  readonly maxDepth?: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const LETTER_U = 0x75
/** Above this many members of one object a set is cheaper than looking at every earlier name. */
const FEW_NAMES = 16

/**
 * The first fault of a JSON text, or `undefined` when it is sound. Names are compared after their escapes are
 * decoded, because a parser that keeps the last of two equal members and one that keeps the first would read
 * two different payments under one signature.
 */
export function findJsonFault(bytes: Uint8Array, { maxDepth = 32 }: JsonLimits = {}): JsonFault | undefined {
  if (!isUtf8(bytes)) return 'invalid-utf8'
  return new Scanner(bytes, maxDepth).scan()
}

/** One pass over the bytes. Every method leaves `at` behind what it accepted and returns false on a fault. */
class Scanner {
  private readonly bytes: Uint8Array
  private readonly maxDepth: number
  private at = 0
  private fault: JsonFault | undefined
  /** Of the string accepted last: did it hold an escape, and the hash of its bytes. */
  private escaped = false
  private hash = 0
  /** Names of all open objects, three numbers each: hash, start, end. */
  private readonly names: number[] = []

  constructor(bytes: Uint8Array, maxDepth: number) {
    this.bytes = bytes
    this.maxDepth = maxDepth
  }

  scan(): JsonFault | undefined {
    this.skipSpace()
    if (!this.value(1)) return this.fault
    this.skipSpace()
    if (this.at < this.bytes.length) this.refuse(this.bytes[this.at] === 0 ? 'nul-byte' : 'not-json')
    return this.fault
  }

  private refuse(fault: JsonFault): false {
    this.fault = fault
    return false
  }

  /** A byte that the grammar does not allow here; NUL has its own name wherever it stands. */
  private refuseByte(): false {
    return this.refuse(this.bytes[this.at] === 0 ? 'nul-byte' : 'not-json')
  }

  private skipSpace(): void {
    const { bytes } = this
    let at = this.at
    let byte = bytes[at]
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++at]
    this.at = at
  }

  private value(depth: number): boolean {
    switch (this.bytes[this.at]) {
      case QUOTE:
        return this.string()
      case 0x7b:
        return this.object(depth)
      case 0x5b:
        return this.array(depth)
      case 0x74:
        return this.word('true')
      case 0x66:
        return this.word('false')
      case 0x6e:
        return this.word('null')
      default:
        return this.number()
    }
  }

  private object(depth: number): boolean {
    if (depth > this.maxDepth) return this.refuse('too-deep')
    const { bytes, names } = this
    const frame = names.length
    let many: Set<string> | undefined
    this.at++
    this.skipSpace()
    if (bytes[this.at] === 0x7d) return this.step()

    for (;;) {
      if (bytes[this.at] !== QUOTE) return this.refuseByte()
      const start = this.at
      if (!this.string()) return false
      if (names.length - frame < FEW_NAMES * 3) {
        if (this.isKnownName(frame, start)) return this.refuse('duplicate-member')
      } else {
        many ??= this.namesSince(frame)
        const size = many.size
        if (many.add(this.textAt(start, this.at)).size === size) return this.refuse('duplicate-member')
      }
      this.skipSpace()
      if (bytes[this.at] !== COLON) return this.refuseByte()
      this.at++
      this.skipSpace()
      if (!this.value(depth + 1)) return false
      this.skipSpace()
      if (bytes[this.at] !== COMMA) break
      this.at++
      this.skipSpace()
    }
    names.length = frame
    return bytes[this.at] === 0x7d ? this.step() : this.refuseByte()
  }

  private array(depth: number): boolean {
    if (depth > this.maxDepth) return this.refuse('too-deep')
    const { bytes } = this
    this.at++
    this.skipSpace()
    if (bytes[this.at] === 0x5d) return this.step()
    for (;;) {
      if (!this.value(depth + 1)) return false
      this.skipSpace()
      if (bytes[this.at] !== COMMA) break
      this.at++
      this.skipSpace()
    }
    return bytes[this.at] === 0x5d ? this.step() : this.refuseByte()
  }

  private step(): true {
    this.at++
    return true
  }

  private string(): boolean {
    const { bytes } = this
    let hash = 0
    this.escaped = false
    this.at++
    for (;;) {
      const byte = bytes[this.at]
      if (byte === undefined || byte < 0x20) return this.refuseByte()
      if (byte === QUOTE) break
      if (byte === BACKSLASH) {
        if (!this.escape()) return false
      } else {
        hash = (Math.imul(hash, 31) + byte) | 0
        this.at++
      }
    }
    this.hash = hash
    return this.step()
  }

  private escape(): boolean {
    this.escaped = true
    const letter = this.bytes[++this.at]
    if (letter !== LETTER_U) return isEscapeLetter(letter) ? this.step() : this.refuseByte()
    const unit = this.hexUnit(this.at + 1)
    if (unit < 0) return this.refuse('not-json')
    if (unit === 0) return this.refuse('nul-byte')
    this.at += 5
    return unit < 0xd800 || unit > 0xdfff || this.lowSurrogate(unit)
  }

  /** The second half of a pair must follow at once: alone, neither half is a character. */
  private lowSurrogate(high: number): boolean {
    const { bytes, at } = this
    const isEscape = bytes[at] === BACKSLASH && bytes[at + 1] === LETTER_U
    const low = isEscape ? this.hexUnit(at + 2) : -1
    if (high > 0xdbff || low < 0xdc00 || low > 0xdfff) return this.refuse('invalid-utf8')
    this.at += 6
    return true
  }

  private hexUnit(from: number): number {
    let unit = 0
    for (let at = from; at < from + 4; at++) {
      const digit = hexDigit(this.bytes[at])
      if (digit < 0) return -1
      unit = unit * 16 + digit
    }
    return unit
  }

  private word(word: string): boolean {
    for (let index = 0; index < word.length; index++) {
      if (this.bytes[this.at] !== word.charCodeAt(index)) return this.refuseByte()
      this.at++
    }
    return true
  }

  private number(): boolean {
    const { bytes } = this
    if (bytes[this.at] === 0x2d) this.at++
    if (bytes[this.at] === 0x30) this.at++
    else if (!this.digits()) return false
    if (bytes[this.at] === 0x2e) {
      this.at++
      if (!this.digits()) return false
    }
    if (bytes[this.at] === 0x65 || bytes[this.at] === 0x45) {
      this.at++
      if (bytes[this.at] === 0x2b || bytes[this.at] === 0x2d) this.at++
      return this.digits()
    }
    return true
  }

  private digits(): boolean {
    const start = this.at
    while (isDigit(this.bytes[this.at])) this.at++
    return this.at > start || this.refuseByte()
  }

  /** Looks the name just read up among its object's earlier ones, and notes it. */
  private isKnownName(frame: number, start: number): boolean {
    const { names } = this
    const end = this.at
    const hash = this.escaped ? hashOf(Buffer.from(this.textAt(start, end))) : this.hash
    for (let index = frame; index < names.length; index += 3) {
      if (names[index] !== hash) continue
      const earlier = this.textAt(names[index + 1] as number, names[index + 2] as number)
      if (earlier === this.textAt(start, end)) return true
    }
    names.push(hash, start, end)
    return false
  }

  private namesSince(frame: number): Set<string> {
    const texts = new Set<string>()
    for (let index = frame; index < this.names.length; index += 3) {
      texts.add(this.textAt(this.names[index + 1] as number, this.names[index + 2] as number))
    }
    return texts
  }

  /** The decoded string between two positions, quotes included. */
  private textAt(start: number, end: number): string {
    return JSON.parse(Buffer.from(this.bytes.subarray(start, end)).toString())
  }
}

function isEscapeLetter(byte: number | undefined): boolean {
  return byte !== undefined && '"\\/bfnrt'.includes(String.fromCharCode(byte))
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

function hexDigit(byte = 0): number {
  if (isDigit(byte)) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** The same hash as `Scanner.string` computes on the way, for names that were written with escapes. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0
  return hash
}
