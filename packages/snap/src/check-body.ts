import type { TObject, TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { Contract } from './contracts/contracts.ts'
import { SnapError } from './snap-error.ts'

/** `missing` is answered with Invalid Mandatory Field, `format` with Invalid Field Format. */
export interface BodyFault {
  readonly kind: 'missing' | 'format'
  /** Dotted path of the member, `amount.value`; `body` is the whole. */
  readonly field: string
}

const validators = new Map<TSchema, Validator>()

/**
 * The first fault of a parsed body against its contract, missing members before malformed ones.
 * Expects the value that `withoutAbsent` left; members that the contract does not name are not looked at.
 */
export function checkBody(contract: Pick<Contract, 'body'>, value: unknown): BodyFault | undefined {
  const validator = validatorOf(contract.body)
  if (validator.Check(value)) return undefined
  const missing = findMissing(contract.body, value, '')
  if (missing) return { kind: 'missing', field: missing }
  const [first] = validator.Errors(value)
  return { kind: 'format', field: dotted(first?.instancePath ?? '') || 'body' }
}

/** The error that answers a fault: Invalid Mandatory Field or Invalid Field Format, with the member's path. */
export function refusalOf({ kind, field }: BodyFault): SnapError {
  return new SnapError(kind === 'missing' ? 'invalidMandatoryField' : 'invalidFieldFormat', { detail: field })
}

function validatorOf(schema: TObject): Validator {
  const known = validators.get(schema)
  if (known) return known
  const validator: Validator = Compile(schema)
  validators.set(schema, validator)
  return validator
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, TSchema>>
  readonly required?: readonly string[]
}

/** Path of the first mandatory member that is not there, in the order in which the contract names them. */
function findMissing(schema: TSchema, value: unknown, prefix: string): string | undefined {
  const { properties, required = [] } = schema as ObjectSchema
  if (!properties || !isRecord(value)) return undefined
  for (const [name, member] of Object.entries(properties)) {
    const path = prefix + name
    if (!Object.hasOwn(value, name)) {
      if (required.includes(name)) return path
      continue
    }
    const missing = findMissing(member, value[name], `${path}.`)
    if (missing) return missing
  }
  return undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `/amount/value` as `amount.value`. Contract names hold neither `/` nor `~`. */
function dotted(pointer: string): string {
  return pointer.slice(1).replaceAll('/', '.')
}
