import { randomInt } from 'node:crypto'
import { usageFailure } from './failure.ts'

/** What is typed for a channel, and its whole name. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  kki: 'KARTU_KREDIT_INDONESIA_SNAP',
  cimb: 'DIRECT_DEBIT_CIMB_SNAP',
  allo: 'DIRECT_DEBIT_ALLO_SNAP',
  bri: 'DIRECT_DEBIT_BRI_SNAP',
  mandiri: 'DIRECT_DEBIT_MANDIRI_SNAP',
  ovo: 'EMONEY_OVO_SNAP',
  dana: 'EMONEY_DANA_SNAP',
  shopeepay: 'EMONEY_SHOPEE_PAY_SNAP',
}

/** The whole name for `cimb`. Any other text as it is: the gateway knows further names. */
export function wholeName(text: string): string {
  const short = text.toLowerCase()
  return (Object.hasOwn(SHORT_NAMES, short) ? SHORT_NAMES[short] : undefined) ?? text
}

/** `cimb`, or a whole name as it stands in `additionalInfo.channel`. @throws CommandFailure */
export function channelNamed(text: string): string {
  const name = wholeName(text)
  if (name !== text) return name
  if (/^[A-Za-z0-9_]*_SNAP$/.test(text)) return text.toUpperCase()
  throw usageFailure(`--channel must be one of ${Object.keys(SHORT_NAMES).join(', ')}, or a whole name.`)
}

/** Most channels take twelve characters, this one no fewer than thirty-two. */
const LONG_REFERENCES: ReadonlySet<string> = new Set(['DIRECT_DEBIT_ALLO_SNAP'])

/** A number for an order that the channel takes: digits, the time first. `now` in epoch milliseconds. */
export function makeReferenceFor(channel: string, now = Date.now()): string {
  const length = LONG_REFERENCES.has(channel) ? 32 : 12
  const made = `${now}`.slice(length === 12 ? 3 : 0)
  return made + Array.from({ length: length - made.length }, () => randomInt(10)).join('')
}
