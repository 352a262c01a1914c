/** Sixteen integer digits and two decimals: the most that SNAP carries, and less than a 64-bit integer. */
export const AMOUNT_PATTERN = '^\\d{1,16}\\.\\d{2}$'

const AMOUNT = new RegExp(AMOUNT_PATTERN)

/**
 * Minor units of SNAP's amount: `"10000.00"` is `1000000n`.
 * Anything else than digits, point and two decimals, and nought, is `undefined`.
 */
export function parseAmount(value: string): bigint | undefined {
  if (!AMOUNT.test(value)) return undefined
  const minor = BigInt(value.slice(0, -3) + value.slice(-2))
  return minor > 0n ? minor : undefined
}

/** `1000000n` minor units are `"10000.00"`. Throws a RangeError for less than nothing. */
export function formatAmount(minor: bigint): string {
  if (minor < 0n) throw new RangeError('an amount is never negative')
  const digits = minor.toString().padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}
