import { randomInt } from 'node:crypto'

const DIGITS = 36
const GROUP = 12

/** An X-EXTERNAL-ID: 36 digits from a cryptographic source. Two requests never share one by accident. */
export function newExternalId(): string {
  const groups = Array.from({ length: DIGITS / GROUP }, () =>
    String(randomInt(2 ** 47))
      .padStart(15, '0')
      .slice(-GROUP),
  )
  return groups.join('')
}
