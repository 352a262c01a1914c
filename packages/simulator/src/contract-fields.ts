import { Type } from 'typebox'

/** The members that several messages share. */
export const ReferenceNo = Type.String({
  pattern: '^[0-9]{32}$',
  description: "The caller's number, unique for ever.",
})
export const CardNumber = Type.String({ pattern: '^9360[0-9]{12,16}$', description: 'CPAN.' })
export const OneTimeToken = Type.String({
  pattern: '^[0-9]{8}$',
  description: 'OTT from the issuer app; never kept.',
})
export const NetworkToken = Type.String({
  pattern: '^[A-Za-z0-9_-]{8,64}$',
  description: 'Stands for a card, at one merchant.',
})
export const AmountValue = Type.String({ pattern: '^(?!0+\\.00$)[0-9]{1,16}\\.[0-9]{2}$' })
export const Amount = Type.Object({ value: AmountValue, currency: Type.Literal('IDR') })
export const Label = Type.String({ minLength: 1, maxLength: 64, pattern: '^[^\\u0000-\\u001f\\u007f]+$' })

export function instant(description: string) {
  return Type.String({ maxLength: 40, format: 'date-time', description })
}

/** A member that must not be there. */
export const Absent = Type.Optional(Type.Never())

export function oneOf<Word extends string>(words: readonly Word[], description?: string) {
  return Type.Unsafe<Word>(
    Type.Union(
      words.map((word) => Type.Literal(word)),
      description === undefined ? {} : { description },
    ),
  )
}
