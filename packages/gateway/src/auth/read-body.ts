import { type Contract, checkBody, refusalOf, type SnapError, withoutAbsent } from '@gerbang/snap'

/** The parsed body with absent members dropped. Throws `badRequest` for what is not one sound JSON object. */
export function parseBody(bytes: Buffer): unknown {
  return withoutAbsent(JSON.parse(bytes.toString('utf8')))
}

/** The SnapError for a body that does not keep to its contract, or undefined when it does. */
export function findRefusal(contract: Pick<Contract, 'body'>, value: unknown): SnapError | undefined {
  const fault = checkBody(contract, value)
  return fault === undefined ? undefined : refusalOf(fault)
}
