import type { BatchCall, Parameter } from './batch.ts'

const BIND = 0x42
const EXECUTE = 0x45
const SYNC = 0x53
const TEXT = 0
const BINARY = 1
/** Bytes of a message besides its texts: lengths, counts and format codes, with room to spare. */
const FRAME_BYTES = 64
const PARAMETER_BYTES = 8

/**
 * Bind and Execute for each call and one Sync, as PostgreSQL's protocol 3.0 spells them, in a single buffer: a batch of
 * sixty calls goes out with one write instead of two hundred.
 */
export function encodeBatch(calls: readonly BatchCall[]): Buffer {
  const encoded = calls.map((call) => call.values.map(toWire))
  const writer = new Writer(sizeOf(calls, encoded))
  for (const [index, call] of calls.entries()) writeCall(writer, call.statement.name, encoded[index] ?? [])
  writer.begin(SYNC)
  writer.end()
  return writer.bytes()
}

type WireValue = string | Buffer | null

function writeCall(writer: Writer, statement: string, values: readonly WireValue[]): void {
  writer.begin(BIND)
  writer.text('')
  writer.text(statement)
  writer.int16(values.length)
  for (const value of values) writer.int16(Buffer.isBuffer(value) ? BINARY : TEXT)
  writer.int16(values.length)
  for (const value of values) writer.value(value)
  writer.int16(0)
  writer.end()
  writer.begin(EXECUTE)
  writer.text('')
  writer.int32(0)
  writer.end()
}

class Writer {
  readonly #buffer: Buffer
  #at = 0
  #start = 0

  constructor(size: number) {
    this.#buffer = Buffer.allocUnsafe(size)
  }

  begin(type: number): void {
    this.#at = this.#buffer.writeUInt8(type, this.#at)
    this.#start = this.#at
    this.#at += 4
  }

  /** The length of a message counts itself and stands before all else. */
  end(): void {
    this.#buffer.writeInt32BE(this.#at - this.#start, this.#start)
  }

  int16(value: number): void {
    this.#at = this.#buffer.writeInt16BE(value, this.#at)
  }

  int32(value: number): void {
    this.#at = this.#buffer.writeInt32BE(value, this.#at)
  }

  text(value: string): void {
    this.#at += this.#buffer.write(value, this.#at)
    this.#at = this.#buffer.writeUInt8(0, this.#at)
  }

  value(value: WireValue): void {
    if (value === null) {
      this.int32(-1)
      return
    }
    const start = this.#at
    this.#at += 4
    this.#at +=
      typeof value === 'string' ? this.#buffer.write(value, this.#at) : value.copy(this.#buffer, this.#at)
    this.#buffer.writeInt32BE(this.#at - start - 4, start)
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }
}

/** An upper bound: a character of UTF-16 is at most three bytes of UTF-8. */
function sizeOf(calls: readonly BatchCall[], encoded: readonly (readonly WireValue[])[]): number {
  let size = FRAME_BYTES
  for (const [index, call] of calls.entries()) {
    size += FRAME_BYTES + call.statement.name.length * 3
    for (const value of encoded[index] ?? [])
      size += PARAMETER_BYTES + (value === null ? 0 : value.length * 3)
  }
  return size
}

function toWire(value: Parameter): WireValue {
  if (value === null || typeof value === 'string' || Buffer.isBuffer(value)) return value
  if (typeof value === 'object') return arrayLiteral(value)
  return String(value)
}

/** Only state names travel in arrays, so no element needs quoting. */
function arrayLiteral(values: readonly string[]): string {
  return `{${values.join(',')}}`
}
