import { randomInt } from 'node:crypto'
import { formatTimestamp } from '@gerbang/snap'

/** 32 digits: Jakarta time to the millisecond, which keeps the index compact, and 15 random ones. */
export function newReferenceNo(now: number): string {
  const second = formatTimestamp(now).slice(0, 19).replace(/\D/g, '')
  return `${second}${digits(now % 1000, 3)}${digits(randomInt(10 ** 7), 7)}${digits(randomInt(10 ** 8), 8)}`
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, '0')
}
