import { OUTCOMES } from '@gerbang/snap'

/** DOKU's own additions to SNAP; no network says them. */
const NOT_SNAP = new Set(['40003', '40004'])

/** SNAP's 63 cases, five digits (HTTP status and case) to message. */
export const CASES: ReadonlyMap<string, string> = new Map(
  Object.values(OUTCOMES)
    .map((outcome): [string, string] => [`${outcome.status}${outcome.caseCode}`, outcome.message])
    .filter(([caseCode]) => !NOT_SNAP.has(caseCode)),
)

const AMOUNT = /^9(\d{5})\.00$/
const REFERENCE = /^SIM(\d{3})54(\d{2})/
const CARD = /^93600\d{3}(\d)(\d{4})(\d{5})\d$/

function known(caseCode: string | undefined): string | undefined {
  return caseCode !== undefined && CASES.has(caseCode) ? caseCode : undefined
}

/** `99940314` asks for 403/14. */
export function caseOfOneTimeToken(oneTimeToken: string): string | undefined {
  return oneTimeToken.startsWith('999') ? known(oneTimeToken.slice(3)) : undefined
}

/** `940314.00` asks for 403/14. */
export function caseOfAmount(value: string): string | undefined {
  return known(AMOUNT.exec(value)?.[1])
}

/** `SIM4035414` and whatever follows asks a payment (service 54) for 403/14. */
export function caseOfReference(merchantReferenceNo: string): string | undefined {
  const match = REFERENCE.exec(merchantReferenceNo)
  return match ? known(`${match[1]}${match[2]}`) : undefined
}

export interface CardPattern {
  /** 0 payment, 1 binding, 2 OTP, 3 refund, 4 unbinding, 9 wait for a person. */
  readonly step: string
  /** Tenths of a second. */
  readonly delay: number
  readonly caseCode: string
}

/** `93600` bank(3) S DDDD HHHCC and a check digit, which is not checked: a tester may write it by hand. */
export function patternOfCard(cardNumber: string): CardPattern | undefined {
  const match = CARD.exec(cardNumber)
  const caseCode = known(match?.[3])
  if (!match || caseCode === undefined) return undefined
  return { step: match[1] ?? '', delay: Number(match[2]), caseCode }
}
