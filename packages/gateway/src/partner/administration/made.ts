import { randomInt } from 'node:crypto'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** In DOKU's form: `BRN-dddd-<epoch milliseconds>`. */
export function newPartnerId(now: number): string {
  return `BRN-${drawn(4, '0123456789')}-${now}`
}

/** In DOKU's form: `SK-` and 20 letters or digits. */
export function newClientSecret(): string {
  return `SK-${drawn(20, LETTERS)}`
}

/** Without a beginning that everybody knows: only the first 16 characters become the cipher's key. */
export function newSharedKey(): string {
  return drawn(32, LETTERS)
}

function drawn(length: number, letters: string): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('')
}
