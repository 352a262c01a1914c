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

/** One of some fixed words in any case; JSON Schema has no flag for it. */
export function anyCase(...words: readonly string[]) {
  const insensitive = words.map((word) =>
    word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`),
  )
  const pattern = insensitive.length === 1 ? `^${insensitive[0]}$` : `^(?:${insensitive.join('|')})$`
  return Type.String({ pattern })
}

const NO_CONTROL = '\\u0000-\\u001f\\u007f'

/** What may be an address; whether it is one, only a letter to it can tell. */
export const email = Type.String({
  maxLength: 256,
  pattern: `^[^@${NO_CONTROL}]+@[^@.${NO_CONTROL}]+\\.[^@${NO_CONTROL}]+$`,
})

/** No calendar is asked: clients that must send one and know none write noughts. */
export const dateOfBirth = Type.String({ pattern: '^\\d{8}$', description: 'YYYYMMDD' })

/** A reply has exactly these members: one more crashes a client library. */
export function reply<Members extends TProperties>(members: Members): TObject<Members & typeof REPLY_HEAD> {
  return Type.Object({ ...REPLY_HEAD, ...members }, { additionalProperties: false })
}

const REPLY_HEAD = {
  responseCode: Type.String({ pattern: '^\\d{7}$', description: 'HTTP status, service, case.' }),
  responseMessage: Type.String({ minLength: 1, maxLength: 150 }),
}

/** Return URLs may come without a scheme, as DOKU's own samples do. */
export const returnUrl = returnUrlOf(1024)

export function returnUrlOf(maxLength: number) {
  return Type.String({ minLength: 1, maxLength, pattern: '^[!-~]+$' })
}

export const Amount = Type.Object({
  value: Type.String({ pattern: AMOUNT_PATTERN, description: 'Two decimals, for example 10000.00.' }),
  currency: Type.Literal('IDR'),
})
