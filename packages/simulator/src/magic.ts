import { CASES } from './nines.ts'

export interface MagicRow {
  /** HTTP status and case code, five digits. */
  readonly case: string
  readonly message: string
  /** A BRI card number that carries the case. */
  readonly cpan: string
  readonly ott: string
  /** Of a payment or a refund. */
  readonly amount: string
  /** Six digits, where a code is asked for. */
  readonly otp: string
  /** A telephone number that a card is bound with. */
  readonly phone: string
  /** Of a payment; append anything to make it unique. */
  readonly reference: string
}

export interface OneTimePasswordRow {
  readonly otp: string
  readonly effect: string
  readonly answer: string
}

export interface OneTimeTokenRow {
  readonly ott: string
  readonly effect: string
  readonly answer: string
}

/** The nines rule spelt out: every SNAP case on each of its carriers. */
export const MAGIC: readonly MagicRow[] = [...CASES].map(([caseCode, message]) => ({
  case: caseCode,
  message,
  cpan: withCheckDigit(`9360000200000${caseCode}`),
  ott: `999${caseCode}`,
  amount: `9${caseCode}.00`,
  otp: `9${caseCode}`,
  phone: `62800000${caseCode}`,
  reference: `SIM${caseCode.slice(0, 3)}54${caseCode.slice(3)}`,
}))

/** What the cardholder does: the first four digits; after how many seconds: the last four. */
export const OTT_BEHAVIOURS: readonly OneTimeTokenRow[] = [
  { ott: '12345678', effect: 'approves at once', answer: 'approved' },
  { ott: '11223344', effect: 'approves after 3 s', answer: 'waiting, then approved' },
  { ott: '1000NNNN', effect: 'approves after NNNN s', answer: 'waiting, then approved' },
  { ott: '10000000', effect: 'waits for a person (approve or decline by control)', answer: 'waiting' },
  { ott: '2000NNNN', effect: 'taps Tolak after NNNN s', answer: 'waiting, then declined (404/04)' },
  {
    ott: '3000NNNN',
    effect: 'never answers; expires after NNNN s',
    answer: 'waiting, then declined (403/00)',
  },
  { ott: '4000NNNN', effect: 'switch silent; approved after NNNN s', answer: 'none; pending, then approved' },
  { ott: '5000NNNN', effect: 'switch silent; reversed after NNNN s', answer: 'none; pending, then reversed' },
  {
    ott: '7000NNNN',
    effect: 'pays after NNNN s, will not have the card kept',
    answer: 'approved; linking declined',
  },
  { ott: '6000000n', effect: 'approves at once (notification trouble is not played)', answer: 'approved' },
  { ott: '22220000', effect: 'approves at once', answer: 'approved' },
  { ott: '22220001', effect: 'token expired', answer: 'declined (403/12)' },
  { ott: '22220002', effect: 'token blocked', answer: 'declined (403/11)' },
  { ott: '22220003', effect: 'token wrong', answer: 'declined (404/15)' },
  { ott: '22220005', effect: 'insufficient funds', answer: 'declined (403/14)' },
  { ott: '999HHHCC', effect: 'any SNAP case', answer: 'as the case says' },
  {
    ott: 'any other',
    effect: 'a live token from POST /_sim/otts, once, for its card',
    answer: 'approved, else declined (404/15)',
  },
]

/** What a code says that the cardholder types to have a card kept. */
export const OTP_BEHAVIOURS: readonly OneTimePasswordRow[] = [
  ...['111000', '112233', '222000', '333000'].map((otp) => ({ otp, effect: 'right', answer: 'bound' })),
  { otp: '222001', effect: 'too late', answer: 'expired (403/12)' },
  { otp: '222002', effect: 'blocked', answer: 'blocked (403/11)' },
  { otp: '222003', effect: 'wrong; the fifth one blocks the card for a day', answer: 'wrong (404/15)' },
  { otp: '222005', effect: 'insufficient funds', answer: 'declined (403/14)' },
  { otp: '9HHHCC', effect: 'any SNAP case', answer: 'as the case says' },
  { otp: 'any other', effect: 'the code in GET /_sim/inbox', answer: 'bound, else wrong (404/15)' },
]

/** Luhn: from the right, every second digit doubled, starting with the last one before the check digit. */
export function withCheckDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const worth = Number(digit) * (place % 2 === 0 ? 2 : 1)
    return total + (worth > 9 ? worth - 9 : worth)
  }, 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}
