import type { Group, Parameter } from './batch.ts'

const BIND = 0x42
const EXECUTE = 0x45
const SYNC = 0x53
const TEXT = 0
const BINARY = 1
const TEXT_TYPE = 25
const BYTEA_TYPE = 17
/** Bytes of a message besides its texts: lengths, counts and format codes, with room to spare. */
const FRAME_BYTES = 64
/** Of a parameter that is an array of one dimension: its length, its head and its format code. */
const ARRAY_BYTES = 32
/** Of a value besides itself: its length, and its format code. */
const VALUE_BYTES = 8

/**
 * Bind and Execute for each group and one Sync, as PostgreSQL's protocol 3.0 spells them, in a single buffer. A group is
 * one call of a function: what its calls share as it is, and then for each parameter the array of what they bring.
 */
export function encodeBatch(groups: readonly Group[]): Buffer {
  const writer = new Writer(sizeOf(groups))
  for (const group of groups) writeGroup(writer, group)
  writer.begin(SYNC)
  writer.end()
  return writer.bytes()
}

function writeGroup(writer: Writer, { statement, shared, calls }: Group): void {
  const columns = calls[0]?.values.length ?? 0
  writer.begin(BIND)
  writer.text('')
  writer.text(statement.name)
  const parameters = shared.length + columns
  writer.int16(parameters)
  for (let index = 0; index < shared.length; index++) writer.int16(TEXT)
  for (let column = 0; column < columns; column++) writer.int16(BINARY)
  writer.int16(parameters)
  for (const value of shared) writer.value(value)
  for (let column = 0; column < columns; column++)
    writer.array(calls.map(({ values }) => values[column] ?? null))
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

  value(value: Parameter): void {
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

  /** An array of one dimension in PostgreSQL's binary form: bytea when it holds bytes, else text. */
  array(values: readonly Parameter[]): void {
    const start = this.#at
    this.#at += 4
    this.int32(1)
    this.int32(values.includes(null) ? 1 : 0)
    this.int32(values.some((value) => Buffer.isBuffer(value)) ? BYTEA_TYPE : TEXT_TYPE)
    this.int32(values.length)
    this.int32(1)
    for (const value of values) this.value(value)
    this.#buffer.writeInt32BE(this.#at - start - 4, start)
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }
}

/** An upper bound: a character of UTF-16 is at most three bytes of UTF-8. */
function sizeOf(groups: readonly Group[]): number {
  let size = FRAME_BYTES
  for (const { statement, shared, calls } of groups) {
    size += FRAME_BYTES + statement.name.length * 3 + (calls[0]?.values.length ?? 0) * ARRAY_BYTES
    size += sizeOfValues(shared)
    for (const { values } of calls) size += sizeOfValues(values)
  }
  return size
}

function sizeOfValues(values: readonly Parameter[]): number {
  let size = 0
  for (const value of values) size += VALUE_BYTES + (value?.length ?? 0) * 3
  return size
}
