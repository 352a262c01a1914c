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
/** The service code between HTTP status and case says which call is meant: 54; 01, or 07 of an account; 58, or 07 as DOKU prints it. */
const REFERENCE = {
  charge: /^SIM(\d{3})54(\d{2})/,
  binding: /^SIM(\d{3})0[17](\d{2})/,
  refund: /^SIM(\d{3})(?:58|07)(\d{2})/,
}
const PHONE = /^62800000(\d{5})$/
const OTP = /^9(\d{5})$/
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
export function caseOfReference(
  merchantReferenceNo: string,
  operation: keyof typeof REFERENCE = 'charge',
): string | undefined {
  const match = REFERENCE[operation].exec(merchantReferenceNo)
  return match ? known(`${match[1]}${match[2]}`) : undefined
}

/** `6280000040307` asks a binding for 403/07. */
export function caseOfPhone(phoneNo: string): string | undefined {
  return known(PHONE.exec(phoneNo)?.[1])
}

/** `940314` asks a verification for 403/14. */
export function caseOfOtp(otp: string): string | undefined {
  return known(OTP.exec(otp)?.[1])
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
