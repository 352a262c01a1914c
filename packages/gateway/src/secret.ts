import { inspect } from 'node:util'

const REDACTED = '[redacted]'

/** A value that prints as `[redacted]` wherever it is printed. `reveal()` is the only way to it. */
export class Secret<Value = string> {
  readonly #value: Value

  constructor(value: Value) {
    this.#value = value
  }

  reveal(): Value {
    return this.#value
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}

/** Masks anything that looks like a customer PAN, for texts that a partner chose and that reach a log. */
export function maskCardNumbers(text: string): string {
  return text.replace(/9360\d{12,16}/g, '9360[masked]')
}
