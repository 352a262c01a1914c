import { formatAmount, parseAmount } from '@gerbang/snap/amount'
import { ValidationError } from './errors.ts'

const REFERENCE = /^[\x20-\x7e]{1,64}$/
const TOKEN = /^[\x20-\x7e]{1,2048}$/

/** @throws ValidationError that names the field, never its value. */
export function demand(isRight: boolean, field: string, rule: string): void {
  if (!isRight) throw new ValidationError(field, rule)
}

/** A number of yours or the gateway's: 1 to 64 printable ASCII characters. @throws ValidationError */
export function checkReference(field: string, value: string): string {
  demand(REFERENCE.test(value), field, 'must be 1 to 64 printable ASCII characters.')
  return value
}

/** A token: 1 to 2,048 printable ASCII characters. @throws ValidationError */
export function checkToken(field: string, value: string): string {
  demand(TOKEN.test(value), field, 'must be 1 to 2048 printable ASCII characters.')
  return value
}

/** @throws ValidationError */
export function checkExternalId(externalId: string): string {
  demand(
    /^[\x21-\x7e]{1,36}$/.test(externalId),
    'externalId',
    'must be 1 to 36 printable ASCII characters without spaces.',
  )
  return externalId
}

/** SNAP's amount of a string with two decimals or of minor units. @throws ValidationError */
export function toAmount(field: string, given: string | bigint): { value: string; currency: 'IDR' } {
  const amount = typeof given === 'bigint' ? given : parseAmount(String(given))
  if (amount === undefined || amount <= 0n || amount >= 10n ** 18n) {
    throw new ValidationError(
      field,
      'must be a positive string with two decimals such as "10000.00", or a bigint of minor units.',
    )
  }
  return { value: formatAmount(amount), currency: 'IDR' }
}

/** The members that have a value: absent ones are not sent. */
export function present(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

/** At least one of the numbers by which a payment, refund or binding is known. @throws ValidationError */
export function presentNumbers(
  numbers: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const names = Object.keys(numbers)
  const given = Object.entries(numbers).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as const],
  )
  if (given.length === 0) throw new ValidationError(names[0] ?? '', `${oneOf(names.slice(1))} must be given.`)
  return Object.fromEntries(given)
}

function oneOf(names: readonly string[]): string {
  return names.map((name) => `or ${name}`).join(' ')
}
