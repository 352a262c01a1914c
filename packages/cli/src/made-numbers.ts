import { randomBytes, randomInt } from 'node:crypto'

/** A partnerReferenceNo of our own, told apart from those of a shop by how it begins. */
export function makeReference(beginning: string): string {
  return `${beginning}-${Date.now()}-${randomBytes(4).toString('hex')}`
}

/** A partnerRefundNo: twelve characters, the longest that every channel takes. */
export function makeRefundNo(beginning = 'R'): string {
  const stamp = Date.now().toString(36)
  const chance = Array.from({ length: 12 }, () => randomInt(36).toString(36)).join('')
  return `${beginning}${stamp}${chance}`.slice(0, Math.max(12, beginning.length + 6)).toUpperCase()
}
