import { type TObject, type TProperties, Type } from 'typebox'
import { AMOUNT_PATTERN } from '../amount.ts'

/** Reference numbers and ids: printable ASCII, which every database, log and client can hold. */
export function printable(maxLength: number, description?: string) {
  const rule = { minLength: 1, maxLength, pattern: '^[ -~]+$' }
  return Type.String(description === undefined ? rule : { ...rule, description })
}

/** Names and remarks: any script, no control characters. */
export function words(maxLength: number) {
  return Type.String({ maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })
}

/** One fixed word in any case; JSON Schema has no flag for it. */
export function anyCase(word: string) {
  return Type.String({
    pattern: `^${word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)}$`,
  })
}

/** A reply has exactly these members: one more crashes a client library. */
export function reply<Members extends TProperties>(members: Members): TObject<Members & typeof REPLY_HEAD> {
  return Type.Object({ ...REPLY_HEAD, ...members }, { additionalProperties: false })
}

const REPLY_HEAD = {
  responseCode: Type.String({ pattern: '^\\d{7}$', description: 'HTTP status, service, case.' }),
  responseMessage: Type.String({ minLength: 1, maxLength: 150 }),
}

/** Return URLs may come without a scheme, as DOKU's own samples do. */
export const returnUrl = Type.String({ minLength: 1, maxLength: 1024, pattern: '^[!-~]+$' })

export const Amount = Type.Object({
  value: Type.String({ pattern: AMOUNT_PATTERN, description: 'Two decimals, for example 10000.00.' }),
  currency: Type.Literal('IDR'),
})
