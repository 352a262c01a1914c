export type ChargeStatus = 'approved' | 'declined' | 'waiting' | 'pending' | 'reversed'

/** What the network says about a charge: two words that travel together. */
export interface Verdict {
  readonly status: ChargeStatus
  readonly resultCode: string
}

export const APPROVED: Verdict = { status: 'approved', resultCode: '00' }
export const REVERSED: Verdict = { status: 'reversed', resultCode: 'R0' }
/** The cardholder still has to confirm. */
export const WAITING: Verdict = { status: 'waiting', resultCode: 'W0' }
/** The issuer has not answered the switch. */
export const PENDING: Verdict = { status: 'pending', resultCode: '09' }

/**
 * ISO 8583 field 39 for the SNAP cases that have a value of their own. Where several values mean one case
 * (57 and 58, 59 and 63, 30 and 96, 76 and 90), the network speaks the first or better known one.
 */
const FIELD_39: Readonly<Record<string, string>> = {
  '40302': '61',
  '40303': '59',
  '40304': '65',
  '40305': '05',
  '40306': '90',
  '40307': '62',
  '40308': '54',
  '40311': '75',
  '40314': '51',
  '40315': '57',
  '40402': '92',
  '40409': '15',
  '40411': '14',
  '40413': '13',
  '40415': '55',
  '40901': '94',
  '50002': '96',
  '50400': '91',
}

const KNOWN = new Map([APPROVED, REVERSED, WAITING, PENDING].map((verdict) => [keyOf(verdict), verdict]))

function keyOf({ status, resultCode }: Verdict): string {
  return `${status} ${resultCode}`
}

/** The one object for a status and code, so that a million charges share a few dozen. */
export function verdictOf(status: ChargeStatus, resultCode: string): Verdict {
  const verdict: Verdict = { status, resultCode }
  const known = KNOWN.get(keyOf(verdict))
  if (known) return known
  KNOWN.set(keyOf(verdict), verdict)
  return verdict
}

/** The decline for a SNAP case of five digits. */
export function declined(caseCode: string): Verdict {
  return verdictOf('declined', FIELD_39[caseCode] ?? `X${caseCode}`)
}

/** What is true at once, and what becomes true by itself. */
export interface Resolving {
  readonly verdict: Verdict
  /** Epoch milliseconds when `becomes` turns true; 0 when nothing will by itself. */
  readonly resolveAt: number
  readonly becomes: Verdict
}

/** What is true at `now`: resolution is a function of time, so downtime changes nothing. */
export function verdictAt({ verdict, resolveAt, becomes }: Resolving, now: number): Verdict {
  return resolveAt > 0 && resolveAt <= now && !isFinal(verdict) ? becomes : verdict
}

/** Milliseconds until it resolves by itself; 0 when it is resolved or never will be. */
export function leftMs({ verdict, resolveAt }: Resolving, now: number): number {
  return isFinal(verdict) ? 0 : Math.max(0, resolveAt - now)
}

export function isFinal(verdict: Verdict): boolean {
  return verdict.status !== 'waiting' && verdict.status !== 'pending'
}

/** Whether the money is, or may yet be, taken from the cardholder's limit. */
export function holdsMoney(verdict: Verdict): boolean {
  return verdict.status !== 'declined' && verdict.status !== 'reversed'
}
